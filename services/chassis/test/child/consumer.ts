/** A process that applies events to a database. */
import { pino } from 'pino';
import { chassisMigrations, openDatabase } from '../../src/database.js';
import { startConsumer } from '../../src/in/consumer.js';
import { openTransport } from '../../src/transport/transport.open.js';
import { counting } from '../effects.js';

const [topic, url, group] = process.argv.slice(2) as [string, string, string];
const log = pino({ level: 'silent' });
const db = await openDatabase({ url, entities: [], migrations: [chassisMigrations], name: 'consumer' });
const { handle } = counting(topic);
const saying = counting(topic, {
  handle: async (tx, events) => {
    process.stdout.write('applying\n');
    await handle(tx, events);
  },
});
await startConsumer({ db, transport: await openTransport(process.env, log), group, subscriptions: [saying], log });
