/** Opens the ledgers of a year for all of an agency, a chunk a transaction: an agency may have 100,000 people. */
import { type Backlog, holdBelonging, startBacklog } from '@merit/chassis/backlog';
import type { Logger } from '@merit/chassis/log';
import type { By } from '@merit/chassis/out/outbox';
import type { DataSource } from 'typeorm';
import { recount } from './ledger.commands.js';
import { withoutLedger } from './ledger.table.js';
import { ALL_YEARS } from './span.js';
import { claimYear, finish, moveOn } from './year.table.js';

const CHUNK = 500;

/** From the world around, what a job takes. */
type Here = Pick<By, 'now' | 'newId'>;

/**
 * Does one chunk of what waits; false when nothing does. What breaks off goes on after the last chunk that was done, and
 * whoever has a ledger by then is passed over.
 */
export const workOff = (db: DataSource, here: Here): Promise<boolean> =>
  db.transaction(async (tx) => {
    const work = await claimYear(tx);
    if (!work) return false;
    await holdBelonging(tx);
    const { agencyId, year, checkpoint: on, after, traceparent } = work;
    const people = await withoutLedger(tx, { agencyId, on, year }, { after, most: CHUNK });
    const by = { ...here, actor: 'system', traceparent };
    await recount(tx, by, new Map(people.map((id) => [id, ALL_YEARS])));
    const last = people.at(-1);
    if (last !== undefined && people.length === CHUNK) await moveOn(tx, work, last);
    else await finish(tx, work);
    return true;
  });

/** Starts the job. Several processes may: a year of an agency is in one hand at a time. */
export const startYears = ({ db, here, log }: { db: DataSource; here: Here; log: Logger }): Backlog =>
  startBacklog({ db, workOff: () => workOff(db, here), failure: 'ledgers of a year could not be opened', log });
