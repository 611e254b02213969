import type { ServiceContext } from '@merit/chassis/api/context';
import { type PageKey, pagesOf } from '@merit/chassis/api/pages';
import { inOrder } from '@merit/chassis/api/rows';
import { DomainError } from '@merit/chassis/errors';
import { prepared } from '@merit/chassis/prepared';
import type { EntityManager } from 'typeorm';
import type { Session } from './session.js';

interface SessionRow extends Omit<Session, 'meets'> {
  readonly meetsFrom: number | null;
  readonly meetsTo: number | null;
}

const COLUMNS = `session.id, session.course_id as "courseId", session.code, session.starts_on as "startsOn",
  session.ends_on as "endsOn", session.meets_from as "meetsFrom", session.meets_to as "meetsTo", session.quota,
  session.max_hours as "maxHours"`;

function toSession({ meetsFrom, meetsTo, ...session }: SessionRow): Session {
  return { ...session, meets: meetsFrom === null || meetsTo === null ? null : { from: meetsFrom, to: meetsTo } };
}

/** Id → session, or null. */
export async function sessionsById({ db }: ServiceContext, ids: readonly string[]): Promise<(Session | null)[]> {
  const rows: SessionRow[] = await prepared(db, `select ${COLUMNS} from session where id = any($1)`, [ids]);
  return inOrder(ids, rows.map(toSession));
}

/** A page of each course's sessions, by first day. */
export async function sessionPages({ db }: ServiceContext, keys: readonly PageKey[]): Promise<Session[][]> {
  const pages = await pagesOf<SessionRow>(db, keys, {
    columns: COLUMNS,
    from: 'session where session.course_id = parent.id',
    keys: [
      { sql: 'session.starts_on', type: 'date' },
      { sql: 'session.id', type: 'uuid' },
    ],
  });
  return pages.map((rows) => rows.map(toSession));
}

/** Adds a session; false when its code is taken in its course. */
export async function addSession(tx: EntityManager, { meets, ...session }: Session): Promise<boolean> {
  const added = await tx.query(
    `insert into session (id, course_id, code, starts_on, ends_on, meets_from, meets_to, quota, max_hours)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (course_id, code) do nothing returning id`,
    [
      session.id,
      session.courseId,
      session.code,
      session.startsOn,
      session.endsOn,
      meets?.from ?? null,
      meets?.to ?? null,
      session.quota,
      session.maxHours,
    ],
  );
  return added.length > 0;
}

/**
 * A session, and whose course it is of.
 * @throws SESSION_NOT_FOUND
 */
export async function requireSession(tx: EntityManager, id: string): Promise<{ session: Session; agencyId: string }> {
  const [row]: (SessionRow & { agencyId: string })[] = await tx.query(
    `select ${COLUMNS}, course.agency_id as "agencyId" from session join course on course.id = session.course_id
      where session.id = $1`,
    [id],
  );
  if (!row) throw new DomainError('SESSION_NOT_FOUND', 'There is no such session.', { field: 'sessionId' });
  const { agencyId, ...session } = row;
  return { session: toSession(session), agencyId };
}

/** Holds a session until the transaction ends, so that two people cannot take its last place. */
export const lockSession = (tx: EntityManager, id: string): Promise<unknown> =>
  tx.query('select from session where id = $1 for update', [id]);

/** Places taken in a session, those whose holder is through included. */
export async function placesTaken(tx: EntityManager, sessionId: string): Promise<number> {
  const [row] = await tx.query(
    `select count(*)::int as taken from enrolment where session_id = $1 and status in ('ENROLLED', 'COMPLETED')`,
    [sessionId],
  );
  return row.taken;
}

/** The sessions of these courses with these codes, held until the transaction ends: enrolments in them wait. */
export async function lockSessionsByCode(
  tx: EntityManager,
  courseIds: readonly string[],
  codes: readonly string[],
): Promise<Session[]> {
  // By id, so that two imports that name the same sessions cannot block each other.
  const rows: SessionRow[] = await tx.query(
    `select ${COLUMNS} from session where course_id = any($1) and code = any($2) order by id for update`,
    [courseIds, codes],
  );
  return rows.map(toSession);
}
