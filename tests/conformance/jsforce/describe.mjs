import assert from 'node:assert/strict';
import { KEY, connection } from './org.mjs';

const org = connection();
const { sobjects } = await org.describeGlobal();
const { fields } = await org.describe('Account');

assert.ok(sobjects.some((each) => each.name === 'Account' && each.keyPrefix === '001'));
assert.equal(fields.find((each) => each.name === KEY).externalId, true);
