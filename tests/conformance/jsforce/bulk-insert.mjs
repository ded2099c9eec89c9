import assert from 'node:assert/strict';
import { POLLING, connection, numbered } from './org.mjs';

const { successfulResults, failedResults } = await connection().bulk2.loadAndWaitForResults({
  object: 'Account',
  operation: 'insert',
  input: numbered(3, 'jsins'),
  ...POLLING,
});

assert.deepEqual(successfulResults.map((each) => each.sf__Created), ['true', 'true', 'true']);
assert.equal(failedResults.length, 0);
