/**
 * The embedded identity provider, a process of its own: real tokens for made-up people, on one machine only.
 * In production any OpenID Connect issuer takes its place.
 */
import { createLog } from '@merit/chassis/log';
import { exitOnUnhandled, stopOnSignal } from '@merit/chassis/shutdown';
import { readEnv } from './env.js';
import { startIdentity } from './server.js';

const env = readEnv();
const log = createLog('identity', env.LOG_LEVEL);
exitOnUnhandled(log);
const identity = await startIdentity({
  host: env.HOST,
  port: env.PORT,
  audience: env.OIDC_AUDIENCE,
  dataDir: env.IDENTITY_DATA,
  peopleFile: env.MERIT_PEOPLE,
});
log.info({ issuer: identity.issuer }, 'listening');
stopOnSignal(log, [identity.stop]);
