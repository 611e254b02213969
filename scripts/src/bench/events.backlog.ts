/** A backlog of counted hours, and the people whom it is about. */

import { encode } from '@merit/chassis/out/outbox';
import { type SentEvent, toRecord } from '@merit/chassis/transport/envelope';
import type { EventRecord } from '@merit/chassis/transport/transport';
import { LearningHoursCountedSchema } from '@merit/proto/competency';
import type pg from 'pg';
import { v7 } from 'uuid';

export const COMPETENCY = 'merit.competency.v1';

/** A person with a ledger of this year. */
export interface Learner {
  readonly employeeId: string;
  readonly ledgerId: string;
}

const learners = (employeeIds: readonly string[]): Learner[] =>
  employeeIds.map((employeeId) => ({ employeeId, ledgerId: v7() }));

/** People who are nowhere but in the events. */
export const invent = (people: number): Learner[] => learners(Array.from({ length: people }, () => v7()));

/** People of one agency, in the year and month of now, as performance's directory would know them. */
export async function fillPeople(db: pg.Client, people: number): Promise<Learner[]> {
  const agencyId = v7();
  await db.query(`insert into directory_agency (id, name, time_zone) values ($1, 'Kota', 'Asia/Jakarta')`, [agencyId]);
  const { rows } = await db.query<{ id: string }>(
    `insert into directory_employee (id, kind, service_from)
     select uuidv7(), 'PNS', '2015-03-01' from generate_series(1, $1) returning id`,
    [people],
  );
  await db.query(
    `insert into directory_employment (employee_id, agency_id, valid_from)
     select id, $1, service_from from directory_employee`,
    [agencyId],
  );
  await db.query(
    `insert into performance_period (id, agency_id, year, kind, starts_on, ends_on, time_zone, checkpoint)
     select $1, $2, extract(year from today), 'ANNUAL', date_trunc('year', today),
            date_trunc('year', today) + interval '1 year - 1 day', 'Asia/Jakarta', date_trunc('month', today)
       from (select now() at time zone 'Asia/Jakarta' as today)`,
    [v7(), agencyId],
  );
  await db.query('analyze');
  return learners(rows.map(({ id }) => id));
}

/** The ledger of each, in so many versions, a thousand events at a time; each version counts other hours. */
export function* ledgers(of: readonly Learner[], versions = 1): Generator<SentEvent[]> {
  for (let version = 1; version <= versions; version += 1) {
    for (let n = 0; n < of.length; n += 1_000) {
      yield of.slice(n, n + 1_000).map((learner) => ledger(learner, version));
    }
  }
}

export const records = (events: readonly SentEvent[]): EventRecord[] => events.map(toRecord);

/** Of two trainings, as most people have in a year so far. */
function ledger({ employeeId, ledgerId }: Learner, version: number): SentEvent {
  const now = new Date();
  const year = Number(new Date(now.getTime() + 7 * 3_600_000).toISOString().slice(0, 4)); // in Jakarta
  const record = (hours: string) => ({ enrolmentId: v7(), eventId: v7(), eventType: 'TrainingCompleted', hours });
  const first = String(7 + (version % 2));
  return {
    id: v7(),
    source: '/merit/competency',
    type: LearningHoursCountedSchema.typeName,
    aggregate: `learning/${ledgerId}`,
    sequence: version,
    occurredAt: now,
    recordedAt: now,
    key: employeeId,
    payload: encode(LearningHoursCountedSchema, {
      ledgerId,
      employeeId,
      year,
      counted: String(Number(first) + 3),
      entitlement: '20',
      version: BigInt(version),
      records: [
        { ...record(first), counted: first, reason: '' },
        { ...record('6'), counted: '3', reason: 'CAP_PER_DAY' },
      ],
    }),
    headers: { ce_actor: 'system' },
  };
}
