// 450 records are three calls of at most 200.
import assert from 'node:assert/strict';
import { KEY, connection, numbered } from './org.mjs';

const accounts = connection().sobject('Account');
for (const created of [true, false]) {
  const results = await accounts.upsert(numbered(450, 'jscol'), KEY, { allowRecursive: true });
  assert.equal(results.length, 450);
  assert.ok(results.every((each) => each.success && each.created === created));
}
const [good, bad] = await accounts.create([{ Name: 'js good' }, { Phone: '1' }], { allOrNone: false });
assert.deepEqual([good.success, bad.success, bad.errors[0].statusCode], [true, false, 'REQUIRED_FIELD_MISSING']);
