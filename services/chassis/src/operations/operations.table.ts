/** What the graph reads of the tables of events: pages and counts, none of which grows with what waits. */
import type { DataSource } from 'typeorm';
import type { Key, seek } from '../api/page.js';
import type { DeadLetter } from '../in/deadletter.js';
import { COLUMNS } from '../in/deadletter.js';
import { TIMELINE } from '../in/deadletter.table.js';
import { SNAPSHOT } from '../transport/envelope.js';
import type { AuditEntry } from './audit.js';

type Seek = ReturnType<typeof seek>;
/** A row with the values that place it in its list. */
export type Placed<Row> = Row & { readonly place: readonly (number | string)[] };

export const LETTER_ORDER: readonly Key[] = [
  { sql: `(code = 'WAITS')::int`, type: 'int' },
  { sql: 'id', type: 'int' },
];

/** Those in a state, as the index `dead_letter_listed` has them. */
export async function pageOfLetters(db: DataSource, state: string, page: Seek): Promise<Placed<DeadLetter>[]> {
  const rows: DeadLetter[] = await db.query(
    `select ${COLUMNS} from dead_letter where state = $1 and ${page.where} order by ${page.orderBy} limit ${page.limit}`,
    [state, ...page.parameters],
  );
  return rows.map((row) => ({ ...row, place: [row.code === 'WAITS' ? 1 : 0, Number(row.id)] }));
}

export const countLetters = (db: DataSource, state: string): Promise<number> =>
  count(db, 'select count(*)::int as count from dead_letter where state = $1', [state]);

/** Those of a key that wait; of several things about one person, each with numbers of its own. */
const IN_LINE = `state = 'WAITING' and topic = $1 and key = $2`;
const isAtFault = ({ state, code }: DeadLetter): boolean => state === 'WAITING' && code !== 'WAITS';

/** How many wait because of this one; none behind one that waits itself. */
export const countBehind = (db: DataSource, letter: DeadLetter): Promise<number> =>
  isAtFault(letter)
    ? count(db, `select count(*)::int as count from dead_letter where ${IN_LINE} and code = 'WAITS'`, lineOf(letter))
    : Promise.resolve(0);

/** The next ten of them. */
export const nextBehind = async (db: DataSource, letter: DeadLetter): Promise<DeadLetter[]> =>
  isAtFault(letter)
    ? db.query(
        `select ${COLUMNS} from dead_letter where ${IN_LINE} and code = 'WAITS' order by sequence nulls first, id limit 10`,
        lineOf(letter),
      )
    : [];

/** The one at fault that this one waits for; null when it is at fault itself, or does not wait. */
export async function faultBefore(db: DataSource, letter: DeadLetter): Promise<string | null> {
  if (letter.state !== 'WAITING' || letter.code !== 'WAITS') return null;
  const [row] = await db.query(
    `select id from dead_letter where ${IN_LINE} and code <> 'WAITS' order by id limit 1`,
    lineOf(letter),
  );
  return row?.id ?? null;
}

export const countInLine = (db: DataSource, letter: DeadLetter): Promise<number> =>
  count(db, `select count(*)::int as count from dead_letter where ${IN_LINE}`, lineOf(letter));

const lineOf = ({ topic, key }: DeadLetter) => [topic, key];

/**
 * Of the letters `d`, events that have yet to become something here: not those whose number was applied before, which came
 * again and were put behind a parked key, nor snapshots, which are no events.
 */
const UNSETTLED = `d.state = 'WAITING' and d.headers->>'ce_snapshot' is null and not exists (
  select from applied_sequence a
   where (a.source, a.aggregate) = (d.headers->>'ce_source', d.headers->>'ce_subject')
     and (a.timeline, a.last_seq) >= (${TIMELINE}, d.sequence))`;

export interface WaitingCount {
  readonly topic: string;
  readonly source: string;
  readonly type: string;
  readonly day: string;
  readonly waiting: number;
}

/** What is set aside now of each type, by the UTC day on which its publisher wrote it down, as far as its envelope says. */
export async function waitingCounts(
  db: DataSource,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<WaitingCount[]> {
  const rows: WaitingCount[] = await db.query(
    `select topic, source, type, day, count(*)::int as waiting
       from (select topic, headers->>'ce_source' as source, headers->>'ce_type' as type, left(coalesce(headers->>'ce_recordedtime', headers->>'ce_time'), 10) as day
               from dead_letter d where ${UNSETTLED}) as set_aside
      where type is not null and source is not null and day between $1 and $2 group by 1, 2, 3, 4`,
    [from, to],
  );
  return rows.filter(({ day }) => !Number.isNaN(Date.parse(day)));
}

/** What became of all events of a publisher on a topic here. */
export interface AppliedTotal {
  readonly topic: string;
  /** Empty for those that were counted before it was kept. */
  readonly source: string;
  readonly applied: number;
  readonly discarded: number;
  readonly covered: number;
  readonly waiting: number;
}

/** Since the beginning, each topic and publisher. One statement, so that an event which leaves its line meanwhile is in one place. */
export const appliedTotals = (db: DataSource): Promise<AppliedTotal[]> =>
  db.query(
    `select topic, source, sum(applied)::float8 as applied, sum(discarded)::float8 as discarded, sum(covered)::float8 as covered,
            sum(waiting)::float8 as waiting
       from (select topic, source, type, applied, discarded, covered, 0 as waiting from applied_by_source
             union all
             select d.topic, coalesce(d.headers->>'ce_source', 'unknown'), d.headers->>'ce_type', 0, 0, 0, 1 from dead_letter d where ${UNSETTLED}) as became
      where starts_with(type, topic || '.') or type = $1 group by topic, source order by topic, source`,
    [SNAPSHOT],
  );

export const PARKED_ORDER: readonly Key[] = [{ sql: 'id', type: 'int' }];

export interface ParkedRow {
  readonly eventId: string;
  readonly type: string;
  readonly subject: string;
  readonly sequence: number;
  readonly key: string;
  readonly bytes: number;
  readonly attempts: number;
  readonly error: string | null;
  readonly recordedAt: Date;
}

export async function pageOfParked(db: DataSource, page: Seek): Promise<Placed<ParkedRow>[]> {
  const rows: (ParkedRow & { id: string })[] = await db.query(
    `select id, event_id as "eventId", type, aggregate_type || '/' || aggregate_id as subject, aggregate_seq as sequence, o.key,
            octet_length(payload) as bytes, attempts, last_error as error, recorded_at as "recordedAt"
       from outbox_parked join outbox o using (id) where ${page.where} order by ${page.orderBy} limit ${page.limit}`,
    page.parameters,
  );
  return rows.map((row) => ({ ...row, place: [Number(row.id)] }));
}

export const countParked = (db: DataSource): Promise<number> =>
  count(db, 'select count(*)::int as count from outbox_parked');

export const AUDIT_ORDER: readonly Key[] = [{ sql: 'id', type: 'int' }];

export async function pageOfAudit(db: DataSource, page: Seek): Promise<Placed<AuditEntry>[]> {
  const rows: AuditEntry[] = await db.query(
    `select id, action, target, reason, done_by as "doneBy", began_at as "beganAt", ended_at as "endedAt", outcome, detail
       from operation_audit where ${page.where} order by ${page.orderBy} limit ${page.limit}`,
    page.parameters,
  );
  return rows.map((row) => ({ ...row, place: [Number(row.id)] }));
}

export const countAudit = (db: DataSource): Promise<number> =>
  count(db, 'select count(*)::int as count from operation_audit');

/** The last event or heartbeat of each partition: `topic/partition` → when. */
export async function heardOf(db: DataSource): Promise<Map<string, Date | null>> {
  const rows: { topic: string; partition: number; as_of: Date | null }[] = await db.query(
    'select topic, partition, as_of from consumer_offset',
  );
  return new Map(rows.map(({ topic, partition, as_of }) => [`${topic}/${partition}`, as_of]));
}

/** Now, by the database's clock: that of whoever asks may be another. */
export async function nowOf(db: DataSource): Promise<Date> {
  const [row] = await db.query('select clock_timestamp() as now');
  return row.now;
}

async function count(db: DataSource, sql: string, parameters: readonly unknown[] = []): Promise<number> {
  const [row] = await db.query(sql, [...parameters]);
  return row.count;
}
