import assert from 'node:assert/strict';
import { KEY, POLLING, connection, numbered } from './org.mjs';

const org = connection();
await org.sobject('Account').upsert(numbered(5, 'jsbq'), KEY);
const stream = await org.bulk2.query("SELECT Name, Phone FROM Account WHERE Name LIKE 'jsbq %' ORDER BY Name", POLLING);

assert.deepEqual(
  (await stream.toArray()).map((each) => [each.Name, each.Phone]),
  [0, 1, 2, 3, 4].map((n) => [`jsbq ${n}`, '']),
);
