/** A process that tells snapshots. Made to be killed. */
import { pino } from 'pino';
import { chassisMigrations, openDatabase } from '../../src/database.js';
import { startSnapshots } from '../../src/out/snapshot.job.js';
import { balances } from '../balances.js';

const [url] = process.argv.slice(2) as [string];
const db = await openDatabase({ url, entities: [], migrations: [chassisMigrations], name: 'snapshots' });
startSnapshots({ db, sources: [balances], log: pino({ level: 'silent' }) });
