import assert from 'node:assert/strict';
import { POLLING, connection } from './org.mjs';

const org = connection();
const created = await org.sobject('Account').create([{ Name: 'jsdel 0', Phone: '1' }, { Name: 'jsdel 1', Phone: '1' }]);
const ids = created.map(({ id }) => ({ Id: id }));
const load = (operation, input) => org.bulk2.loadAndWaitForResults({ object: 'Account', operation, input, ...POLLING });

const updated = await load('update', ids.map((each) => ({ ...each, Phone: null })));
const { records } = await org.query("SELECT Phone FROM Account WHERE Name LIKE 'jsdel %'");
const deleted = await load('delete', ids);

assert.deepEqual([updated.failedResults.length, deleted.failedResults.length], [0, 0]);
assert.deepEqual(records.map((each) => each.Phone), [null, null]); // jsforce writes null as #N/A
assert.equal((await org.query("SELECT COUNT() FROM Account WHERE Name LIKE 'jsdel %'")).totalSize, 0);
