// A dead session is answered 401 once; jsforce refreshes and repeats the call, by OAuth 2.0 or by a function of ours.
import assert from 'node:assert/strict';
import { app, connection, org } from './org.mjs';

const heard = [];
const byOAuth = connection({ oauth2: app(), accessToken: '00D!dead', refreshToken: org.refresh_token });
byOAuth.on('refresh', (token) => heard.push(token));
assert.equal((await byOAuth.query('SELECT COUNT() FROM Account')).done, true);
assert.deepEqual(heard, [byOAuth.accessToken]);

const byFunction = connection({
  accessToken: '00D!dead',
  refreshFn: async (_connection, done) => {
    const { access_token } = await app().refreshToken(org.refresh_token);
    done(null, access_token);
  },
});
assert.equal((await byFunction.query('SELECT COUNT() FROM Account')).done, true);

const refused = connection({ oauth2: app(), accessToken: '00D!dead', refreshToken: 'used up' });
await assert.rejects(refused.query('SELECT COUNT() FROM Account'), { message: /expired access\/refresh token/ });
