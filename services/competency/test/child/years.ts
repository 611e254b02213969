/** A process that opens the ledgers of years. Made to be killed. */
import { openDatabase } from '@merit/chassis/database';
import { createLog } from '@merit/chassis/log';
import { v7 } from 'uuid';
import { entities, migrations } from '../../src/database.js';
import { startYears } from '../../src/hours/year.job.js';

const [url] = process.argv.slice(2) as [string];
const db = await openDatabase({ url, entities, migrations, name: 'years' });
startYears({ db, here: { now: () => new Date(), newId: () => v7() }, log: createLog('years', 'silent') });
