/** Many people with many places in sessions, for tests that ask more of the system than a person's hands can. */
import { all, type Connection, each, importRows, whenKnown } from '../../scripts/src/seed/graph.js';
import type { World } from './world.js';

export interface Place {
  readonly enrolmentId: string;
  readonly employeeId: string;
  /** What the certificate will say, in whole hours (JP). */
  readonly hours: number;
}

/** A session in so many months: of different days, so that hours of one are not held against those of another. */
const SESSIONS = 10;
/** Mutations in one request: each has an answer of its own, and the request's costs are shared. */
const AT_ONCE = 50;

/** Enters `count` civil servants, at most 900, and gives each a place in each of ten sessions. */
export async function openPlaces(world: World, count: number): Promise<Place[]> {
  const people = await enterCrowd(world, count);
  const sessions = await scheduleSessions(world, count);
  const wanted = sessions.flatMap((sessionId, n) =>
    people.map((employeeId) => ({ sessionId, employeeId, hours: 1 + (n % 3) })),
  );
  const places: Place[] = [];
  const groups = Array.from({ length: Math.ceil(wanted.length / AT_ONCE) }, (_, n) =>
    wanted.slice(n * AT_ONCE, (n + 1) * AT_ONCE),
  );
  await each(groups, async (group) => {
    const ids = await enrolAll(world, group);
    places.push(...group.map(({ employeeId, hours }, n) => ({ enrolmentId: ids[n]!, employeeId, hours })));
  });
  return places;
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

async function scheduleSessions({ as, courseId }: World, quota: number): Promise<string[]> {
  const ids: string[] = [];
  for (let month = 1; month <= SESSIONS; month += 1) {
    const day = `2026-${String(month).padStart(2, '0')}-14`;
    const { scheduleSession } = await as('hr').ask<{ scheduleSession: { session: { id: string } } }>(
      'mutation ($input: ScheduleSessionInput!) { scheduleSession(input: $input) { session { id } } }',
      { input: { courseId, code: `RAMAI-${month}`, startsOn: day, endsOn: day, quota, maxHours: 8 } },
    );
    ids.push(scheduleSession.session.id);
  }
  return ids;
}

async function enrolAll({ as }: World, group: readonly { sessionId: string; employeeId: string }[]): Promise<string[]> {
  const names = group.map((_, n) => `e${n}`);
  const query = `mutation (${names.map((name) => `$${name}: EnrolInput!`)}) {
    ${names.map((name) => `${name}: enrol(input: $${name}) { enrolment { id } }`).join('\n')}
  }`;
  const inputs = group.map(({ sessionId, employeeId }, n) => [
    names[n],
    { sessionId, employeeId, idempotencyKey: `${sessionId} ${employeeId}` },
  ]);
  const answer = await whenKnown(() =>
    as('hr').ask<Record<string, { enrolment: { id: string } }>>(query, Object.fromEntries(inputs)),
  );
  return names.map((name) => answer[name]!.enrolment.id);
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
