/** Lines of dead letters that need no person any more: what they waited for has come. */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { DataSource, EntityManager } from 'typeorm';
import { keepLease } from '../lease.js';
import { sleeper } from '../pause.js';
import { ATTEMPTS } from './consumer.fault.js';
import type { Subscription } from './consumer.js';
import { retryLine } from './deadletter.retry.js';
import type { Line } from './deadletter.table.js';
import { askForMissing } from './missing.js';

const SYSTEM = { by: 'system', reason: 'what it waited for has come' };
const LINES_AT_ONCE = 100;
/** Less than the lease lasts. */
const LINE_MS = 1_000;
const PAUSE_MS = 1_000;
/** While there is something to settle, it goes on almost at once: the pause is for whoever else wants the partition. */
const BREATH_MS = 50;
/** A look that takes long and finds nothing is taken seldom: at most this share of the time is spent so. */
const SHARE = 0.05;

interface MendOptions {
  readonly db: DataSource;
  /** Whose: one process of a service mends at a time. */
  readonly group: string;
  readonly subscriptions: readonly Subscription[];
  readonly log: Logger;
}

/** Looks every second, in one process of the service. */
export function startMending({ db, group, subscriptions, log }: MendOptions): { stop(): Promise<void> } {
  const { sleep, wake } = sleeper();
  const lease = keepLease(db, `mend:${group}`, randomUUID(), wake);
  let stopping = false;
  const run = async () => {
    while (!stopping) {
      const begun = performance.now();
      let settled = 0;
      try {
        if (lease.epoch() !== null) {
          settled = await mend(db, subscriptions, () => !stopping && lease.epoch() !== null);
          await askForMissing(db, group);
        }
        if (settled > 0) log.info({ group, settled }, 'events that were set aside have been applied');
      } catch (err) {
        log.warn({ err, group }, 'what was set aside could not be looked at, trying again');
      }
      const rest = settled > 0 ? BREATH_MS : Math.max(PAUSE_MS, (performance.now() - begun) / SHARE);
      if (!stopping) await sleep(rest);
    }
  };
  const running = run();
  return {
    async stop() {
      stopping = true;
      wake();
      await running;
      await lease.release().catch(() => log.warn({ group }, 'the lease could not be given up, it runs out in 3 s'));
    },
  };
}

/**
 * One look: settles what came whole by another way, then retries each line in which nobody is at fault any more.
 * @param mayGoOn asked before each line; a line that takes long is left after a second, and taken up at the next look
 * @returns how many letters were settled
 */
export async function mend(
  db: DataSource,
  subscriptions: readonly Subscription[],
  mayGoOn: () => boolean = () => true,
): Promise<number> {
  let settled = await settleReplaced(db);
  for (const line of await mendable(db)) {
    if (!mayGoOn()) break;
    if (subscriptions.some(({ topic }) => topic === line.topic)) {
      settled += (await retryLine(db, subscriptions, line, SYSTEM, Date.now() + LINE_MS)).settled;
    }
  }
  return settled;
}

/**
 * A letter whose envelope has lost its event's id, and whose event has come again: it was applied, or waits in the same
 * line and can be read.
 */
async function settleReplaced(db: DataSource | EntityManager): Promise<number> {
  const [, count]: [unknown, number] = await db.query(
    `update dead_letter d set state = 'SUPERSEDED', settled_at = clock_timestamp(), settled_by = 'system',
            settled_reason = 'the same event came whole'
      where d.state = 'WAITING' and d.code = 'ENVELOPE_INVALID' and d.sequence is not null and (
        exists (select from applied_sequence a
                 where a.source = d.headers->>'ce_source' and a.aggregate = d.headers->>'ce_subject' and a.last_seq >= d.sequence)
        or exists (select from dead_letter w
                    where w.state = 'WAITING' and (w.topic, w.key) = (d.topic, d.key) and w.id <> d.id
                      and (w.renewed or w.code <> 'ENVELOPE_INVALID')
                      and w.headers->>'ce_source' = d.headers->>'ce_source'
                      and w.headers->>'ce_subject' = d.headers->>'ce_subject' and w.sequence = d.sequence))`,
  );
  return count;
}

/**
 * Lines in which every letter that is not just behind another can be tried: it came again whole, the events before it are
 * there, its timeline is known now, or what it failed for is not known and it was not tried often enough.
 */
const mendable = (db: DataSource | EntityManager): Promise<Line[]> =>
  db.query(
    `select topic, key
       from dead_letter d
       left join applied_sequence a on d.code in ('GAP', 'TIMELINE')
             and a.source = d.headers->>'ce_source' and a.aggregate = d.headers->>'ce_subject'
      where d.state = 'WAITING'
      group by topic, key
     having bool_and(d.renewed or case d.code
       when 'WAITS' then true
       when 'FAILED' then d.attempts < $1
       when 'TIMELINE' then (d.headers->>'ce_timeline')::int <= a.timeline
       when 'GAP' then d.sequence <= coalesce(a.last_seq, 0) + 1 or exists (
         select from dead_letter w
          where w.state = 'WAITING' and (w.topic, w.key) = (d.topic, d.key) and w.sequence = coalesce(a.last_seq, 0) + 1
            and w.headers->>'ce_source' = d.headers->>'ce_source' and w.headers->>'ce_subject' = d.headers->>'ce_subject')
       else false end)
      order by min(d.id) limit $2`,
    [ATTEMPTS, LINES_AT_ONCE],
  );
