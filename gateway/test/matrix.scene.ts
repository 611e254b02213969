/** Who stands how to whom in the matrix: the small world, with the people that it lacks. */
import { readFileSync, writeFileSync } from 'node:fs';
import { importRows } from '../../scripts/src/seed/graph.js';
import { grant } from '../../scripts/src/seed/staff.js';
import { placesIn } from '../../scripts/src/start.plan.js';
import { askToken } from '../../scripts/src/token.ask.js';
import { eventually } from './eventually.js';
import type { About, Rules, Viewer } from './matrix.rules.js';
import { type World, YEAR } from './world.js';

export const VIEWERS = [
  ...['public', 'stranger', 'colleague', 'employee', 'supervisor', 'head'],
  ...['hr', 'hr-elsewhere', 'officer', 'auditor', 'system'],
];

/** What a resolver withholds though the rule would allow it: the rule in truth. Withheld, it is as if it were not there. */
export const NARROWER: Rules = new Map([
  ['Query.enrolment', { to: ['SELF', 'SUPERVISOR', 'HR', 'AUDITOR'], by: ['employee'] }],
]);

/** What is said where there is nothing to show. */
export const SPOKEN = new Map([['EventOperations.rebuildDifferences', 'REBUILD_NOT_FOUND']]);

/** All that the matrix asks about, by id, and who asks. */
export interface Scene {
  readonly viewers: readonly Viewer[];
  readonly ids: Readonly<Record<string, string>>;
  readonly aboutOf: (type: string, id: string) => About | null;
}

const MORE_STAFF = {
  officer: ['198705052013022911', 'Oki', 'BKPSDM'],
  auditor: ['198806062014021912', 'Umar', 'BKPSDM'],
} as const;

/** Adds the officer, the auditor and a stranger to the world, gives them their roles, and waits until all know. */
export async function setScene(world: World): Promise<Scene> {
  const { agencyId, unitId, serviceId, courseId, enrolmentId } = world;
  const hr = world.as('hr');
  await importRows(hr, 'importEmployees', 'ImportEmployeesInput', { agencyId }, Object.values(MORE_STAFF).map(rowOf));
  const nips = Object.values(MORE_STAFF).map(([nip]) => nip);
  const { employeesByNip } = await hr.ask<{ employeesByNip: { employee: { id: string } }[] }>(
    'query ($agencyId: ID!, $nips: [String!]!) { employeesByNip(agencyId: $agencyId, nips: $nips) { employee { id } } }',
    { agencyId, nips },
  );
  const people: Record<string, string> = { ...world.people };
  for (const [n, handle] of Object.keys(MORE_STAFF).entries()) people[handle] = employeesByNip[n]!.employee.id;
  const system = world.as('system');
  const validFrom = '2026-01-01';
  await grant(system, { employeeId: people['officer'], role: 'OFFICER', agencyId, unitId, validFrom });
  await grant(system, { employeeId: people['auditor'], role: 'AUDITOR', agencyId, validFrom });
  const { session, position, other, policy, period } = await idsOf(world);
  await quiet(world);
  return {
    viewers: await viewersIn(world, people, other),
    ids: {
      ...{ employee: people['employee']!, unit: unitId, agency: agencyId, publicService: serviceId },
      ...{
        course: courseId,
        enrolment: enrolmentId,
        session,
        position,
        scoringPolicy: policy,
        performancePeriod: period,
      },
      ...{ nip: '199001012015012901' },
    },
    aboutOf: (type, id) => {
      if (type === 'Employee') return { employee: id };
      if (type === 'Unit') return { unit: id };
      if (type === 'Agency') return { agency: id };
      if (type === 'PublicService') return { unit: unitId };
      if (type === 'Enrolment') return { employee: people['employee'] };
      return null;
    },
  };
}

function rowOf([nip, name, unitCode]: (typeof MORE_STAFF)[keyof typeof MORE_STAFF]) {
  return {
    ...{ nip, name, unitCode, positionTitle: 'Pengelola', positionKind: 'PELAKSANA', leading: false, kind: 'PNS' },
    ...{ serviceFrom: `${nip.slice(8, 12)}-${nip.slice(12, 14)}-01`, assignmentKind: 'DEFINITIF' },
    ...{ decreeNumber: 'SK/1', decreeDate: '2021-01-04', validFrom: '2021-02-01' },
  };
}

async function idsOf(world: World) {
  // biome-ignore lint/suspicious/noExplicitAny: an answer is what the query asked for
  const found: any = await world.as('hr').ask(
    `query ($agencyId: ID!, $employee: ID!, $enrolment: ID!) {
      enrolment(id: $enrolment) { session { id } }
      employee(id: $employee) { position { id } }
      agencies { edges { node { id } } }
      performancePeriods(agencyId: $agencyId) { edges { node { id } } }
      scoringPolicies { edges { node { id } } }
    }`,
    { agencyId: world.agencyId, employee: world.people.employee, enrolment: world.enrolmentId },
  );
  return {
    session: found.enrolment.session.id as string,
    position: found.employee.position.id as string,
    other: found.agencies.edges
      .map((edge: { node: { id: string } }) => edge.node.id)
      .find((id: string) => id !== world.agencyId) as string,
    period: found.performancePeriods.edges[0].node.id as string,
    policy: found.scoringPolicies.edges[0].node.id as string,
  };
}

/** What a viewer is, to whom; the law of the scene, against which Merit is judged. */
interface Standing {
  /** A civil servant or an operator with a role. */
  readonly isStaff: boolean;
  readonly self?: string | undefined;
  /** Directly, or from above. */
  readonly supervises?: readonly string[];
  readonly supervisesDirectly?: readonly string[];
  readonly hrOf?: string;
  readonly officerOf?: readonly string[];
  readonly auditorOf?: string;
  readonly isAdmin?: boolean;
}

/** Everyone who asks, with what each is. */
async function viewersIn(world: World, people: Readonly<Record<string, string>>, other: string): Promise<Viewer[]> {
  const { agencyId, unitId } = world;
  const { employee, colleague, supervisor, head, hr, officer, auditor } = people as Record<string, string>;
  const elsewhere = people['hr-elsewhere']!;
  const agencyOf = ({ employee, agency, unit }: About) => {
    if (employee !== undefined) return employee === elsewhere ? other : agencyId;
    return unit !== undefined ? agencyId : agency;
  };
  const standings: Record<string, Standing> = {
    public: { isStaff: false },
    stranger: { isStaff: false },
    colleague: { isStaff: true, self: colleague },
    employee: { isStaff: true, self: employee },
    supervisor: {
      isStaff: true,
      self: supervisor,
      supervises: [employee!, colleague!],
      supervisesDirectly: [employee!, colleague!],
    },
    head: {
      isStaff: true,
      self: head,
      supervises: [supervisor!, employee!, colleague!],
      supervisesDirectly: [supervisor!],
    },
    hr: { isStaff: true, self: hr, hrOf: agencyId },
    'hr-elsewhere': { isStaff: true, self: elsewhere, hrOf: other },
    officer: { isStaff: true, self: officer, officerOf: [unitId] },
    auditor: { isStaff: true, self: auditor, auditorOf: agencyId },
    system: { isStaff: true, isAdmin: true },
  };
  const file = placesIn(world.dataDir).people;
  const known = JSON.parse(readFileSync(file, 'utf8')) as object[];
  const more = Object.keys(MORE_STAFF).map((handle) => ({
    handle,
    employeeId: people[handle],
    name: handle,
    description: '',
  }));
  writeFileSync(file, JSON.stringify([...known, ...more, { handle: 'stranger', name: 'stranger', description: '' }]));
  return Promise.all(
    Object.entries(standings).map(async ([name, standing]) => ({
      name,
      token: name === 'public' ? null : await askToken(world.merit.urls.identity, name),
      is: (audience, about) => isOne(audience, standing, about, agencyOf(about)),
    })),
  );
}

function isOne(audience: string, standing: Standing, about: About, agency: string | undefined): boolean {
  const isSelf = standing.self !== undefined && about.employee === standing.self;
  switch (audience) {
    case 'PUBLIC':
      return true;
    case 'STAFF':
      return standing.isStaff;
    case 'ADMIN':
      return standing.isAdmin ?? false;
    case 'SELF':
      return isSelf;
    // To oneself one is nothing else.
    case 'SUPERVISOR':
      return !isSelf && about.employee !== undefined && (standing.supervises ?? []).includes(about.employee);
    case 'DIRECT_SUPERVISOR':
      return !isSelf && about.employee !== undefined && (standing.supervisesDirectly ?? []).includes(about.employee);
    case 'HR':
      return !isSelf && agency !== undefined && standing.hrOf === agency;
    case 'AUDITOR':
      return !isSelf && agency !== undefined && standing.auditorOf === agency;
    case 'OFFICER':
      return !isSelf && about.unit !== undefined && (standing.officerOf ?? []).includes(about.unit);
    // None of these is a machine client: services/personnel/test/agreement.int.test.ts asks as one.
    case 'PARTNER':
      return false;
    default:
      throw new Error(`Say in matrix.scene.ts who is ${audience}.`);
  }
}

/** Until nothing is on its way between services: what was entered is known wherever it is judged. */
async function quiet(world: World): Promise<void> {
  const names = ['personnel', 'performance', 'competency', 'feedback'];
  const query = `{ ${names.map((name) => `${name}Events { relay { backlog } lag { lag } }`).join(' ')} }`;
  type Flow = { relay: { backlog: number }; lag: { lag: number }[] | null };
  let before = false;
  await eventually(async () => {
    const found = Object.values(await world.as('system').ask<Record<string, Flow>>(query));
    const now = found.every(
      ({ relay, lag }) => relay.backlog === 0 && (lag ?? [{ lag: 1 }]).every((each) => each.lag === 0),
    );
    // Twice in a row: what one service has just read may make it write.
    const isQuiet = before && now;
    before = now;
    return isQuiet;
  }, 60_000);
}

/** With which arguments fields are asked; a connection's are the same everywhere. */
export function argumentIn({ ids }: Scene, coordinate: string, name: string, _last: string): string | null {
  const root = coordinate.startsWith('Query.') ? coordinate.slice('Query.'.length) : null;
  if (name === 'first') return root === 'employees' || root === 'units' ? '4' : '2';
  if (name === 'year') return String(YEAR);
  if (root !== null && name === 'id') return JSON.stringify(ids[root]);
  if (coordinate === 'Query.employees' && name === 'unitId') return JSON.stringify(ids['unit']);
  if (name === 'agencyId' && coordinate !== 'Query.employees') return JSON.stringify(ids['agency']);
  if (name === 'unitId') return JSON.stringify(ids['unit']);
  if (name === 'nips') return JSON.stringify([ids['nip']]);
  if (name === 'trackingId') return JSON.stringify(ids['trackingId'] ?? 'AAAAA-AAAAA');
  if (coordinate.startsWith('EventOperations.')) {
    const operations: Record<string, string> = {
      from: `"${YEAR}-01-01"`,
      to: `"${YEAR}-12-31"`,
      model: '"directory"',
      id: '"1"',
    };
    return operations[name] ?? null;
  }
  return null;
}

/** The entity of a type that is asked for by its key. */
export function entityIn({ ids }: Scene, type: string): string {
  const id = ids[type[0]!.toLowerCase() + type.slice(1)];
  if (id === undefined) throw new Error(`Name an object of type ${type} in matrix.scene.ts.`);
  return id;
}
