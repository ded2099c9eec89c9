// A person looks through the window: Chromium without JavaScript, in light and in dark, on a wide and a narrow screen.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { url, record, hostile, executable, pictures } = JSON.parse(process.env.WINDOW);
const require = createRequire(`${process.env.CLIENTS}/`);
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const PATHS = [
  '/',
  '/_window/objects/Account',
  `/_window/records/${record}`,
  '/_window/calls',
  '/_window/calls/2',
  '/_window/nowhere',
];
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--no-first-run'];

const browser = await chromium.launch({ executablePath: executable, args: ARGS });
const trouble = [];

const opened = async (options) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('dialog', (dialog) => { trouble.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => request.url().startsWith(url) || request.url() === 'data:,' || trouble.push(request.url()));
  page.on('console', (message) => message.text().includes('404') || trouble.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
  return page;
};

const walk = async () => {
  const page = await opened({ javaScriptEnabled: false });
  await page.goto(url);
  assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Local org');
  await page.getByRole('table', { name: 'Objects with records' }).getByRole('link', { name: 'Account', exact: true }).click();
  assert.match(await page.getByRole('region').getAttribute('aria-label'), /120 records, page 1 of 3/);
  assert.ok((await page.getByRole('table').textContent()).includes(hostile));
  await page.getByRole('link', { name: 'Next page' }).click();
  assert.equal(await page.getByRole('row').count(), 51);
  await page.getByRole('rowheader').first().getByRole('link').click();
  assert.match(await page.title(), /^Account 001/);
  await page.getByRole('link', { name: 'Calls' }).click();
  await page.getByRole('row', { name: /composite\/sobjects/ }).first().getByRole('link').click();
  assert.ok((await page.locator('pre').first().textContent()).includes(hostile));
};

// Scripts are off for the pages themselves; the checker runs beside them.
const RULES = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'] };
const check = async (page, path, name) => {
  await page.goto(url + path);
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate((rules) => globalThis.axe.run(rules), RULES);
  assert.ok(passes.length > 10, 'the checker found hardly anything to check');
  trouble.push(...violations.map((each) => `${path}, ${name}: ${each.id}, ${each.nodes[0].html}`));
  const spare = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(spare <= 0, `${path} is ${spare} px wider than its screen (${name})`);
  await page.screenshot({ path: `${pictures}/window-${path.split('/')[2] ?? 'overview'}-${name}.png` });
};

try {
  await walk();
  for (const [name, width, colorScheme] of [['wide', 1280, 'light'], ['dark', 1280, 'dark'], ['narrow', 360, 'light']]) {
    const page = await opened({ colorScheme, viewport: { width, height: 900 } });
    for (const path of PATHS) await check(page, path, name);
  }
  assert.deepEqual(trouble, []);
} finally {
  await browser.close();
}
