import assert from 'node:assert/strict';
import { POLLING, connection } from './org.mjs';

const org = connection();
await assert.rejects(org.sobject('Account').create({ Phone: '1' }), { errorCode: 'REQUIRED_FIELD_MISSING' });
await assert.rejects(org.query('SELECT Nope FROM Account'), { errorCode: 'INVALID_FIELD' });
await assert.rejects(connection({ accessToken: '00D!dead' }).limits(), { errorCode: 'INVALID_SESSION_ID' });
await assert.rejects(
  org.bulk2.loadAndWaitForResults({
    object: 'Account',
    operation: 'insert',
    input: [{ Nope__c: '1' }],
    ...POLLING,
  }),
  /InvalidBatch : Field name not found : Nope__c/,
);
