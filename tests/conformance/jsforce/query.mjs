import assert from 'node:assert/strict';
import { connection, numbered } from './org.mjs';

const org = connection();
await org.sobject('Account').create(numbered(450, 'jspage'), { allowRecursive: true });
const soql = "SELECT Id, Name FROM Account WHERE Name LIKE 'jspage %'";
const headers = { 'Sforce-Query-Options': 'batchSize=200' };

const first = await org.query(soql, { headers });
const all = await org.query(soql, { headers, autoFetch: true, maxFetch: 1000 });

assert.deepEqual([first.totalSize, first.done, first.records.length], [450, false, 200]);
assert.equal(new Set(all.records.map((each) => each.Id)).size, 450);
