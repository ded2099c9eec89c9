import assert from 'node:assert/strict';
import { KEY, POLLING, connection, numbered } from './org.mjs';

const org = connection();
for (const created of ['true', 'false']) {
  const { successfulResults } = await org.bulk2.loadAndWaitForResults({
    object: 'Account',
    operation: 'upsert',
    externalIdFieldName: KEY,
    input: numbered(1200, 'jsup'),
    ...POLLING,
  });
  assert.equal(successfulResults.length, 1200);
  assert.ok(successfulResults.every((each) => each.sf__Created === created));
}
assert.equal((await org.query("SELECT COUNT() FROM Account WHERE Name LIKE 'jsup %'")).totalSize, 1200);
