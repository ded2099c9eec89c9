import assert from 'node:assert/strict';
import { connection } from './org.mjs';

const org = connection();
const { DailyApiRequests } = await org.limits();

assert.equal(DailyApiRequests.Max, 15000);
assert.equal(org.limitInfo.apiUsage.limit, 15000);
assert.ok(org.limitInfo.apiUsage.used > 0);
