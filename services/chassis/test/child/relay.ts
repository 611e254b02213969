/** A process that leads the relay, or stands by to. */
import { pino } from 'pino';
import { chassisMigrations, openDatabase } from '../../src/database.js';
import { startRelay } from '../../src/out/relay.js';
import { openTransport } from '../../src/transport/transport.open.js';

const [topic, url] = process.argv.slice(2) as [string, string];
const log = pino({ level: 'silent' });
const db = await openDatabase({ url, entities: [], migrations: [chassisMigrations], name: 'relay' });
const relay = await startRelay({
  db,
  transport: await openTransport(process.env, log),
  source: '/merit/test',
  topic,
  log,
});
const watch = setInterval(() => {
  if (!relay.ready()) return;
  process.stdout.write('ready\n');
  clearInterval(watch);
}, 20);
