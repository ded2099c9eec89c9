// What every script begins with: the org's facts, and jsforce from the folder that npm installed it into.
import { createRequire } from 'node:module';

// The first line of what a script says when it fails is the reason in the table.
process.on('uncaughtException', (error) => {
  console.error(`${error.name} ${error.message.replaceAll(/\s+/g, ' ')}\n${error.stack}`);
  process.exitCode = 1;
});

export const org = JSON.parse(process.env.ORG);
export const jsforce = createRequire(`${process.env.CLIENTS}/`)('jsforce');
export const KEY = 'ERP_Account_ID__c';
export const POLLING = { pollInterval: 50, pollTimeout: 20000 };

export const connection = (more = {}) =>
  new jsforce.Connection({ instanceUrl: org.https_url, accessToken: org.access_token, version: '66.0', ...more });

export const app = () =>
  new jsforce.OAuth2({
    loginUrl: org.https_url,
    clientId: org.client_id,
    clientSecret: org.client_secret,
    redirectUri: 'http://localhost:1717/OauthRedirect',
    useVerifier: true,
  });

export const numbered = (count, prefix, more = {}) =>
  Array.from({ length: count }, (_, n) => ({ [KEY]: `${prefix}${n}`, Name: `${prefix} ${n}`, ...more }));
