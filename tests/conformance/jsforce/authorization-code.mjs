// A person approves on the org's page; the code comes back on the redirect, and PKCE proves who asked for it.
import assert from 'node:assert/strict';
import { app, jsforce, org } from './org.mjs';

const oauth2 = app();
const url = new URL(oauth2.getAuthorizationUrl({ scope: 'api id refresh_token', state: 'x' }));
const form = new URLSearchParams([...url.searchParams, ['decision', 'approve']]);
const answer = await fetch(`${url.origin}${url.pathname}`, { method: 'POST', body: form, redirect: 'manual' });
const redirect = new URL(answer.headers.get('location'));
assert.equal(redirect.searchParams.get('state'), 'x');

const connection = new jsforce.Connection({ oauth2 });
const user = await connection.authorize(redirect.searchParams.get('code'));

assert.equal(connection.instanceUrl, org.https_url);
assert.equal(user.organizationId, org.organization_id);
assert.equal((await connection.identity()).username, org.username);
assert.ok(connection.refreshToken);
await connection.logout();
await assert.rejects(connection.query('SELECT Id FROM Account'));
