/** Many people with many places in sessions, for tests that ask more of the system than a person's hands can. */
import pg from 'pg';
import { all, type Connection, each, importRows, whenKnown } from '../../scripts/src/seed/graph.js';
import type { World } from './world.js';

export interface Place {
  readonly enrolmentId: string;
  readonly employeeId: string;
  /** What the certificate will say, in whole hours (JP). */
  readonly hours: number;
}

/** Mutations in one request: each has an answer of its own, and the request's costs are shared. */
const AT_ONCE = 20;

/**
 * Enters `count` civil servants, at most 900, and gives each a place in each of `sessions` sessions, at most ten.
 * @returns the places by session; the places of one session are of different people
 */
export async function openPlaces(world: World, count: number, sessions: number): Promise<Place[][]> {
  const people = await enterCrowd(world, count);
  const opened = await scheduleSessions(world, sessions, count);
  return Promise.all(
    opened.map(async (sessionId, n) => {
      const ids = await enrolAll(world, sessionId, people);
      return people.map((employeeId, k) => ({ enrolmentId: ids[k]!, employeeId, hours: 1 + ((n + k) % 3) }));
    }),
  );
}

async function enterCrowd({ as, agencyId }: World, count: number): Promise<string[]> {
  const hr = as('hr');
  const rows = Array.from({ length: count }, (_, n) => ({
    // Numbers with serials from 900 on are given to nobody.
    nip: `198${n % 9}0101201501${1 + (n % 2)}${900 + Math.floor(n / 9)}`,
    name: `Pegawai ${n + 1}`,
    unitCode: 'DINAS-B1',
    positionTitle: 'Penata Layanan',
    positionKind: 'PELAKSANA',
    leading: false,
    serviceFrom: '2015-01-01',
    kind: 'PNS',
    assignmentKind: 'DEFINITIF',
    decreeNumber: 'SK/2',
    decreeDate: '2021-01-04',
    validFrom: '2021-02-01',
  }));
  await importRows(hr, 'importEmployees', 'ImportEmployeesInput', { agencyId }, rows);
  const { employeesByNip } = await hr.ask<{ employeesByNip: { employee: { id: string } }[] }>(
    'query ($agencyId: ID!, $nips: [String!]!) { employeesByNip(agencyId: $agencyId, nips: $nips) { employee { id } } }',
    { agencyId, nips: rows.map(({ nip }) => nip) },
  );
  return employeesByNip.map(({ employee }) => employee.id);
}

/** One a month: hours of different days are not held against each other. */
async function scheduleSessions({ as, courseId }: World, count: number, quota: number): Promise<string[]> {
  const ids: string[] = [];
  for (let month = 1; month <= count; month += 1) {
    const day = `2026-${String(month).padStart(2, '0')}-14`;
    const { scheduleSession } = await as('hr').ask<{ scheduleSession: { session: { id: string } } }>(
      'mutation ($input: ScheduleSessionInput!) { scheduleSession(input: $input) { session { id } } }',
      { input: { courseId, code: `RAMAI-${month}`, startsOn: day, endsOn: day, quota, maxHours: 8 } },
    );
    ids.push(scheduleSession.session.id);
  }
  return ids;
}

/** Enrols these people, and answers their enrolments in the same order. */
async function enrolAll({ as }: World, sessionId: string, people: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; from < people.length; from += AT_ONCE) {
    const part = people.slice(from, from + AT_ONCE);
    const query = `mutation (${part.map((_, n) => `$i${n}: EnrolInput!`)}) {
      ${part.map((_, n) => `e${n}: enrol(input: $i${n}) { enrolment { id } }`).join(' ')}
    }`;
    const inputs = part.map((employeeId, n) => {
      return [`i${n}`, { sessionId, employeeId, idempotencyKey: `${sessionId} ${employeeId}` }];
    });
    const answer = await whenKnown(() =>
      as('hr').ask<Record<string, { enrolment: { id: string } }>>(query, Object.fromEntries(inputs)),
    );
    ids.push(...part.map((_, n) => answer[`e${n}`]!.enrolment.id));
  }
  return ids;
}

export interface Source {
  readonly eventId: string;
  readonly type: string;
  readonly quantity: number;
}

/** What each person's score says that it rests on in training, by person; those without a score have none. */
export async function trainingSources({ as }: World, people: readonly string[]): Promise<Map<string, Source[]>> {
  const found = new Map<string, Source[]>();
  await each(people, async (id) => {
    type Score = { parts: { component: string; sources: Source[] }[] } | null;
    const { employee } = await as('hr').ask<{ employee: { score: Score } }>(
      'query ($id: ID!) { employee(id: $id) { score(year: 2026) { parts { component sources { eventId type quantity } } } } }',
      { id },
    );
    found.set(id, employee.score?.parts.find(({ component }) => component === 'COMPETENCY')?.sources ?? []);
  });
  return found;
}

export interface Training {
  readonly id: string;
  readonly status: string;
  readonly hours: number | null;
}

/** A person's trainings, as the service that keeps them tells. */
export function trainingsOf({ as }: World, employeeId: string): Promise<Training[]> {
  type Answer = { employee: { enrolments: Connection<Training> } };
  return all<Answer, Training>(
    as('hr'),
    `query ($id: ID!, $after: String) { employee(id: $id) {
      enrolments(first: 100, after: $after) { edges { node { id status hours } } pageInfo { hasNextPage endCursor } }
    } }`,
    { id: employeeId },
    ({ employee }) => employee.enrolments,
  );
}

export interface Completion {
  readonly eventId: string;
  readonly enrolmentId: string;
}

/** The events by which the service has said, or will say, that these places were completed. */
export async function completionsOf({ merit }: World, enrolmentIds: readonly string[]): Promise<Completion[]> {
  const db = new pg.Client(merit.databases.competency);
  await db.connect();
  try {
    const { rows } = await db.query<Completion>(
      `select event_id as "eventId", aggregate_id as "enrolmentId" from outbox
        where type = 'merit.competency.v1.TrainingCompleted' and aggregate_id = any($1::uuid[])`,
      [enrolmentIds],
    );
    return rows;
  } finally {
    await db.end();
  }
}
