/** Events that were published, once more. */
import { DataSource, type EntityManager } from 'typeorm';
import { DomainError } from '../errors.js';
import { nudge } from './outbox.js';

/** Which events: all that match what is given. At least one of `from`, `key` and `subject`. */
export interface ReplayFilter {
  /** Recorded at or after. */
  readonly from?: Date | undefined;
  /** Recorded before. */
  readonly to?: Date | undefined;
  /** Full types, as in `merit.competency.v1.TrainingCompleted`. */
  readonly types?: readonly string[] | undefined;
  readonly key?: string | undefined;
  /** One aggregate: `enrolment/<id>`. */
  readonly subject?: string | undefined;
  /** Of each aggregate, from this number on. */
  readonly fromSequence?: number | undefined;
}

/** How many ids one statement looks through: little enough for whoever waits for its end, and for those who append. */
const SPAN = 5_000;

/** What is parked goes out when it is let. Should it be parked just now, the relay finds its key parked and does so again. */
const NOT_PARKED = 'not exists (select from outbox_parked p where p.id = outbox.id)';

/** What a part of a replay did. */
export interface Replayed {
  readonly events: number;
  /** The row after which the next part begins; null when all is done. */
  readonly next: string | null;
}

/**
 * Puts published events back in line. The relay publishes them again in the order of their ids, so those of one
 * aggregate come in order, and readers that had them skip them. Snapshots stay: what they said has passed.
 *
 * A row that is put in line is locked, so that it is not removed for its age meanwhile.
 *
 * Through a DataSource each step is kept as it is made, so that a replay of millions holds no lock for long; one that
 * was broken off can be repeated. Through a transaction it is a part of that.
 * @returns how many
 * @throws DomainError REPLAY_EMPTY when nothing that matches is left in the outbox
 */
export async function replay(db: DataSource | EntityManager, filter: ReplayFilter): Promise<number> {
  return (await replayPart(db, filter, { after: null, ms: Number.POSITIVE_INFINITY })).events;
}

/**
 * The same for about so many milliseconds: what is not done by then, the next part does.
 * @throws DomainError REPLAY_EMPTY as well, of the first part when it is the last
 */
export async function replayPart(
  db: DataSource | EntityManager,
  filter: ReplayFilter,
  { after, ms }: { readonly after: string | null; readonly ms: number },
): Promise<Replayed> {
  if (!filter.from && !filter.key && !filter.subject) {
    throw new DomainError('BAD_USER_INPUT', 'Say from when, of which key or of which aggregate events come again.');
  }
  const until = Date.now() + ms;
  const { where, parameters } = matching(filter);
  const [{ first, last }] = await db.query('select min(id)::text as first, max(id)::text as last from outbox');
  // Those of one aggregate are found by an index; any others are looked for from end to end.
  const span = filter.subject ? Number(last) : SPAN;
  const start = Math.max(Number(first ?? 1), Number(after ?? 0) + 1);
  let [events, low] = [0, start];
  for (; low <= Number(last ?? 0) && (low === start || Date.now() < until); low += span) {
    const [{ count }] = await db.query(
      `with put as (
         insert into outbox_line (id, again)
         select id, true from outbox
          where id >= $${parameters.length + 1} and id < $${parameters.length + 2} and ${where} and ${NOT_PARKED}
          order by id for key share
         on conflict (id) do nothing returning id)
       select count(*)::int from put`,
      [...parameters, low, low + span],
    );
    events += count;
  }
  const next = low <= Number(last ?? 0) ? String(low - 1) : null;
  if (events === 0 && after === null && next === null && !(await areKept(db, { where, parameters }))) {
    throw new DomainError(
      'REPLAY_EMPTY',
      'None of these events is in the outbox any more: ask for a snapshot instead.',
    );
  }
  if (db instanceof DataSource) nudge(db);
  return { events, next };
}

/** From which of its numbers on an aggregate's events are asked for. */
export interface Onwards {
  /** `enrolment/<id>` */
  readonly subject: string;
  readonly fromSequence: number;
}

/**
 * The same for many who miss something of one aggregate each, in two statements.
 * @returns those of whose events the very first is no longer in the outbox
 * @throws DomainError BAD_USER_INPUT for a subject that is none
 */
export async function replayOnwards<Asked extends Onwards>(
  tx: EntityManager,
  asked: readonly Asked[],
): Promise<Asked[]> {
  if (asked.length === 0) return [];
  const aggregates = asked.map(({ subject }) => parseSubject(subject));
  const parameters = [
    aggregates.map(({ type }) => type),
    aggregates.map(({ id }) => id),
    asked.map(({ fromSequence }) => fromSequence),
  ];
  // One aggregate after the other through the index of the numbers: a join may read the whole table.
  await tx.query(
    `insert into outbox_line (id, again)
     select o.id, true from unnest($1::text[], $2::uuid[], $3::int[]) as a (type, id, sequence)
      cross join lateral (
        select id from outbox
         where aggregate_type = a.type and aggregate_id = a.id and aggregate_seq >= a.sequence and snapshot is null
           and ${NOT_PARKED}
        offset 0 for key share) o
      order by o.id
     on conflict (id) do nothing`,
    parameters,
  );
  const gone: { n: number }[] = await tx.query(
    `select n::int from unnest($1::text[], $2::uuid[], $3::int[]) with ordinality as a (type, id, sequence, n)
      where not (select exists (select from outbox
                                 where aggregate_type = a.type and aggregate_id = a.id and aggregate_seq = a.sequence
                                   and snapshot is null))
      order by n`,
    parameters,
  );
  return gone.map(({ n }) => asked[n - 1]!);
}

interface Matching {
  readonly where: string;
  readonly parameters: readonly unknown[];
}

/** Whether any of them is there: those that waited as the others were put back may have been published meanwhile. */
async function areKept(db: DataSource | EntityManager, { where, parameters }: Matching): Promise<boolean> {
  const [row] = await db.query(`select exists (select from outbox where ${where}) as kept`, parameters);
  return row.kept;
}

/** The condition for the filter's events. */
function matching({ from, to, types, key, subject, fromSequence }: ReplayFilter): Matching {
  const parameters: unknown[] = [];
  const conditions = ['snapshot is null'];
  const and = (condition: (parameter: string) => string, value: unknown) => {
    if (value === undefined) return;
    parameters.push(value);
    conditions.push(condition(`$${parameters.length}`));
  };
  const aggregate = subject === undefined ? undefined : parseSubject(subject);
  and((it) => `aggregate_type = ${it}`, aggregate?.type);
  and((it) => `aggregate_id = ${it}::uuid`, aggregate?.id);
  and((it) => `aggregate_seq >= ${it}`, fromSequence);
  and((it) => `recorded_at >= ${it}`, from);
  and((it) => `recorded_at < ${it}`, to);
  and((it) => `type = any(${it}::text[])`, types);
  and((it) => `key = ${it}`, key);
  return { where: conditions.join(' and '), parameters };
}

/** `employee/<id>` in its parts. @throws DomainError BAD_USER_INPUT */
export function parseSubject(subject: string): { type: string; id: string } {
  const found = /^([^/]+)\/([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/i.exec(subject);
  if (!found) throw new DomainError('BAD_USER_INPUT', `${subject} names no aggregate: say it as employee/<id>.`);
  return { type: found[1]!, id: found[2]!.toLowerCase() };
}
