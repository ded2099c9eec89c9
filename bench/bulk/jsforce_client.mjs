// jsforce's bulk upsert of files that are small enough for a job each; prints what the jobs say as JSON.
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';

const [folder, instanceUrl, accessToken, key, ...files] = process.argv.slice(2);
const { Connection } = createRequire(`${folder}/`)('jsforce');
const connection = new Connection({ instanceUrl, accessToken, version: '66.0' });
connection.bulk2.pollInterval = 500;
connection.bulk2.pollTimeout = 3_600_000;

const started = performance.now();
let processed = 0;
let failed = 0;
for (const file of files) {
  const job = connection.bulk2.createJob({ object: 'Account', operation: 'upsert', externalIdFieldName: key });
  await job.open();
  await job.uploadData(createReadStream(file));
  await job.close();
  await job.poll(500, 3_600_000);
  const said = await job.check();
  processed += said.numberRecordsProcessed;
  failed += said.numberRecordsFailed;
}
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000, jobs: files.length, processed, failed }));
