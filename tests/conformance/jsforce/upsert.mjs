import assert from 'node:assert/strict';
import { KEY, connection } from './org.mjs';

const accounts = connection().sobject('Account');
const first = await accounts.upsert({ [KEY]: 'js-one', Name: 'first' }, KEY);
const second = await accounts.upsert({ [KEY]: 'js-one', Name: 'second' }, KEY);
const found = await accounts.find({ [KEY]: 'js-one' });

assert.deepEqual([first.success, first.created, second.success, second.created], [true, true, true, false]);
assert.deepEqual(found.map((each) => [each.Id, each.Name]), [[first.id, 'second']]);
