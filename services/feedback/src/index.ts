/** The feedback service: the public's satisfaction and complaints. */
import { readFile } from 'node:fs/promises';
import { identityOf } from '@merit/chassis/api/identity';
import { startServer } from '@merit/chassis/api/server';
import { openDatabase } from '@merit/chassis/database';
import { ageMs, startConsumer } from '@merit/chassis/in/consumer';
import { createLog } from '@merit/chassis/log';
import { withOperations } from '@merit/chassis/operations/operations.graph';
import { startRelay } from '@merit/chassis/out/relay';
import { startSnapshots } from '@merit/chassis/out/snapshot.job';
import { exitOnUnhandled, stopOnSignal } from '@merit/chassis/shutdown';
import { startTracing } from '@merit/chassis/tracing';
import { openTransport } from '@merit/chassis/transport/transport.open';
import { enforceAccess } from '@merit/directory/access';
import { contracts } from '@merit/proto/contracts';
import { subscriptions } from './consumers.js';
import { entities, keyOf, migrations } from './database.js';
import { readEnv } from './env.js';
import { startJobs } from './jobs.js';
import { resolvers } from './resolvers.js';
import { sources } from './snapshots.js';

const env = readEnv();
const log = createLog('feedback', env.LOG_LEVEL);
exitOnUnhandled(log);
const stopTracing = await startTracing('feedback', env, log);
const db = await openDatabase({
  url: env.DATABASE_URL,
  entities,
  migrations,
  poolSize: env.DATABASE_POOL,
  name: 'feedback',
});
const transport = await openTransport(env, log);
const relay = await startRelay({ db, transport, source: '/merit/feedback', topic: 'merit.feedback.v1', log });
const consumer = await startConsumer({ db, transport, group: 'feedback', subscriptions, log });
const snapshots = startSnapshots({ db, sources, log });
const jobs = startJobs({ db, log });
const graph = {
  typeDefs: await readFile(new URL('../schema.graphql', import.meta.url), 'utf8'),
  resolvers: resolvers(await keyOf(db, env.FEEDBACK_SECRET)),
};
const operations = {
  name: 'feedback',
  source: '/merit/feedback',
  topic: 'merit.feedback.v1',
  transport,
  group: 'feedback',
  subscriptions,
  contracts,
  log,
};
const server = await startServer({
  name: 'feedback',
  port: env.PORT,
  host: env.HOST,
  ...withOperations(graph, operations),
  protect: enforceAccess,
  db,
  identity: identityOf(env),
  firstAdmin: env.MERIT_FIRST_ADMIN ?? null,
  freshness: { ageMs: () => ageMs(db), limitMs: env.DIRECTORY_STALE_MINUTES * 60_000 },
  ready: async () => ({
    relay: relay.ready(),
    consumer: consumer.ready(),
    snapshots: snapshots.ready(),
    jobs: jobs.ready(),
  }),
  log,
});

stopOnSignal(log, [
  server.stop,
  jobs.stop,
  consumer.stop,
  snapshots.stop,
  relay.stop,
  () => transport.close(5_000),
  () => db.destroy(),
  stopTracing,
]);
