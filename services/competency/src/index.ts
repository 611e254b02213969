import { readFile } from 'node:fs/promises';
import { identityOf } from '@merit/chassis/api/identity';
import { startServer } from '@merit/chassis/api/server';
import { openDatabase } from '@merit/chassis/database';
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
import { entities, migrations } from './database.js';
import { readEnv } from './env.js';
import { startYears } from './hours/year.job.js';
import { resolvers } from './resolvers.js';
import { sources } from './snapshots.js';

const env = readEnv();
const name = 'competency';
const log = createLog(name, env.LOG_LEVEL);
exitOnUnhandled(log);
const stopTracing = await startTracing('competency', env, log);
const db = await openDatabase({ url: env.DATABASE_URL, poolSize: env.DATABASE_POOL, name, entities, migrations });
const transport = await openTransport(env, log);
const relay = await startRelay({ db, transport, source: '/merit/competency', topic: 'merit.competency.v1', log });
const here = { now: () => new Date(), newId: () => v7() };
const taken = subscriptions(here);
const consumer = await startConsumer({ db, transport, group: name, subscriptions: taken, log });
const snapshots = startSnapshots({ db, sources, log });
const years = startYears({ db, here, log });
const graph = {
  typeDefs: await readFile(new URL('../schema.graphql', import.meta.url), 'utf8'),
  resolvers,
};
const operations = {
  name: 'competency',
  source: '/merit/competency',
  topic: 'merit.competency.v1',
  transport,
  group: 'competency',
  subscriptions: taken,
  contracts,
  log,
};
const server = await startServer({
  name,
  port: env.PORT,
  host: env.HOST,
  db,
  log,
  ...withOperations(graph, operations),
  protect: enforceAccess,
  identity: identityOf(env),
  firstAdmin: env.MERIT_FIRST_ADMIN ?? null,
  freshness: { ageMs: consumer.ageMs, limitMs: env.DIRECTORY_STALE_MINUTES * 60_000 },
  ready: async () => ({
    relay: relay.ready(),
    consumer: consumer.ready(),
    snapshots: snapshots.ready(),
    years: years.ready(),
  }),
});
stopOnSignal(log, [
  server.stop,
  consumer.stop,
  years.stop,
  snapshots.stop,
  relay.stop,
  () => transport.close(5_000),
  () => db.destroy(),
  stopTracing,
]);
