import assert from 'node:assert/strict';
import { KEY, POLLING, connection, numbered } from './org.mjs';

const bulk2 = connection().bulk2;
const job = bulk2.createJob({ object: 'Account', operation: 'upsert', externalIdFieldName: KEY });
await job.open();
await job.uploadData([...numbered(2, 'jsres'), { [KEY]: 'jsres-bad', Name: '' }]);
await job.close();
await job.poll(POLLING.pollInterval, POLLING.pollTimeout);
const { successfulResults, failedResults, unprocessedRecords } = await job.getAllResults();
const info = await job.check();

assert.deepEqual(successfulResults.map((each) => [each.sf__Created, each[KEY]]).sort(), [
  ['true', 'jsres0'],
  ['true', 'jsres1'],
]);
assert.deepEqual(failedResults.map((each) => each[KEY]), ['jsres-bad']);
assert.match(failedResults[0].sf__Error, /^REQUIRED_FIELD_MISSING:/);
assert.equal(unprocessedRecords.length, 0);
assert.deepEqual([info.state, info.numberRecordsProcessed, info.numberRecordsFailed], ['JobComplete', 3, 1]);
await job.delete();
await assert.rejects(job.check(), { errorCode: 'NOT_FOUND' });
