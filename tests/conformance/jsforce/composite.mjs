// A request that jsforce has no method for: a parent and its child in one call, by reference.
import assert from 'node:assert/strict';
import { connection } from './org.mjs';

const base = '/services/data/v66.0';
const { compositeResponse } = await connection().requestPost(`${base}/composite`, {
  allOrNone: true,
  compositeRequest: [
    { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'parent', body: { Name: 'js parent' } },
    {
      method: 'POST',
      url: `${base}/sobjects/Contact`,
      referenceId: 'child',
      body: { LastName: 'js child', AccountId: '@{parent.id}' },
    },
  ],
});

assert.deepEqual(compositeResponse.map((each) => each.httpStatusCode), [201, 201]);
