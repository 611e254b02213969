/** The service performance: how well. Reads like a table of contents. */
import { readFile } from 'node:fs/promises';
import { identityOf } from '@merit/chassis/api/identity';
import { startServer } from '@merit/chassis/api/server';
import { startConsumer } from '@merit/chassis/in/consumer';
import { createLog } from '@merit/chassis/log';
import { withOperations } from '@merit/chassis/operations/operations.graph';
import { startRelay } from '@merit/chassis/out/relay';
import { startSnapshots } from '@merit/chassis/out/snapshot.job';
import { exitOnUnhandled, stopOnSignal } from '@merit/chassis/shutdown';
import { startTracing } from '@merit/chassis/tracing';
import { openTransport } from '@merit/chassis/transport/transport.open';
import { enforceAccess } from '@merit/directory/access';
import { contracts } from '@merit/proto/contracts';
import { v7 } from 'uuid';
import { subscriptions } from './consumers.js';
import { openPerformance } from './database.js';
import { readEnv } from './env.js';
import { startCalendar } from './period/period.job.js';
import { resolvers } from './resolvers.js';
import { startScoreBacklog } from './score/backlog.job.js';
import { sources } from './snapshots.js';

const env = readEnv();
const log = createLog('performance', env.LOG_LEVEL);
exitOnUnhandled(log);
const stopTracing = await startTracing('performance', env, log);
const clock = { now: () => new Date(), newId: () => v7() };
const by = { ...clock, actor: 'system', traceparent: null };

const db = await openPerformance(env.DATABASE_URL, env.DATABASE_POOL);
const transport = await openTransport(env, log);
const relay = await startRelay({ db, transport, source: '/merit/performance', topic: 'merit.performance.v1', log });
const taken = subscriptions(clock);
const consumer = await startConsumer({ db, transport, group: 'performance', subscriptions: taken, log });
const snapshots = startSnapshots({ db, sources, log });
const backlog = startScoreBacklog({ db, by, log });
const calendar = startCalendar({ db, by, log });

const graph = {
  typeDefs: await readFile(new URL('../schema.graphql', import.meta.url), 'utf8'),
  resolvers,
};
const operations = {
  name: 'performance',
  source: '/merit/performance',
  topic: 'merit.performance.v1',
  transport,
  group: 'performance',
  subscriptions: taken,
  contracts,
  log,
};
const server = await startServer({
  name: 'performance',
  port: env.PORT,
  host: env.HOST,
  ...withOperations(graph, operations),
  db,
  identity: identityOf(env),
  firstAdmin: env.MERIT_FIRST_ADMIN ?? null,
  freshness: { ageMs: consumer.ageMs, limitMs: env.DIRECTORY_STALE_MINUTES * 60_000 },
  ready: async () => ({
    relay: relay.ready(),
    consumer: consumer.ready(),
    snapshots: snapshots.ready(),
    backlog: backlog.ready(),
  }),
  log,
  protect: enforceAccess,
});

stopOnSignal(log, [
  server.stop,
  consumer.stop,
  calendar.stop,
  backlog.stop,
  snapshots.stop,
  relay.stop,
  () => transport.close(5_000),
  () => db.destroy(),
  stopTracing,
]);
