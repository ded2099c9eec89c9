import assert from 'node:assert/strict';
import { connection } from './org.mjs';

const accounts = connection().sobject('Account');
const created = await accounts.create({ Name: 'js Ünï', NumberOfEmployees: 5 });
const read = await accounts.retrieve(created.id);
const updated = await accounts.update({ Id: created.id, Phone: '1' });
const destroyed = await accounts.destroy(created.id);

assert.deepEqual([created.success, read.Name, read.NumberOfEmployees], [true, 'js Ünï', 5]);
assert.deepEqual([updated.success, destroyed.success], [true, true]);
await assert.rejects(accounts.retrieve(created.id), { errorCode: 'ENTITY_IS_DELETED' });
