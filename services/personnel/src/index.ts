import { readFile } from 'node:fs/promises';
import { identityOf } from '@merit/chassis/api/identity';
import { startServer } from '@merit/chassis/api/server';
import { startBacklog } from '@merit/chassis/backlog';
import { openDatabase } from '@merit/chassis/database';
import { startConsumer } from '@merit/chassis/in/consumer';
import { fillOwn } from '@merit/chassis/in/rebuild.own';
import { createLog } from '@merit/chassis/log';
import { withOperations } from '@merit/chassis/operations/operations.graph';
import { startRelay } from '@merit/chassis/out/relay';
import { startSnapshots } from '@merit/chassis/out/snapshot.job';
import { exitOnUnhandled, stopOnSignal } from '@merit/chassis/shutdown';
import { startTracing } from '@merit/chassis/tracing';
import { openTransport } from '@merit/chassis/transport/transport.open';
import { enforceAccess } from '@merit/directory/access';
import { removeOldEntries } from './access-log/access-log.table.js';
import { subscriptions } from './consumers.js';
import { entities, migrations } from './database.js';
import { readEnv } from './env.js';
import { operations } from './operations.js';
import { ownDirectory } from './own-directory.js';
import { resolvers } from './resolvers.js';
import { sources } from './snapshots.js';

const env = readEnv();
const name = 'personnel';
const log = createLog(name, env.LOG_LEVEL);
exitOnUnhandled(log);
const stopTracing = await startTracing('personnel', env, log);
const db = await openDatabase({ url: env.DATABASE_URL, poolSize: env.DATABASE_POOL, name, entities, migrations });
const transport = await openTransport(env, log);
const relay = await startRelay({ db, transport, source: '/merit/personnel', topic: 'merit.personnel.v1', log });
const snapshots = startSnapshots({ db, sources, log });
const rebuilding = startBacklog({
  ...{ db, log, workOff: fillOwn([ownDirectory]) },
  failure: 'the directory could not be built anew',
});
const graph = {
  typeDefs: await readFile(new URL('../schema.graphql', import.meta.url), 'utf8'),
  resolvers,
};
const consumer = await startConsumer({ db, transport, group: name, subscriptions, log });
const server = await startServer({
  name,
  port: env.PORT,
  host: env.HOST,
  db,
  log,
  ...withOperations(graph, operations(transport, log)),
  protect: enforceAccess,
  tidy: removeOldEntries,
  identity: identityOf(env),
  firstAdmin: env.MERIT_FIRST_ADMIN ?? null,
  ready: async () => ({
    ...{ relay: relay.ready(), consumer: consumer.ready() },
    ...{ snapshots: snapshots.ready(), rebuilding: rebuilding.ready() },
  }),
});
stopOnSignal(log, [
  server.stop,
  consumer.stop,
  snapshots.stop,
  rebuilding.stop,
  relay.stop,
  () => transport.close(5_000),
  () => db.destroy(),
  stopTracing,
]);
