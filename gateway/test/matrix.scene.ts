/** Who stands how to whom in the matrix: the small world, with the people that it lacks. */
import { createPrivateKey, type JsonWebKey, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { importRows } from '../../scripts/src/seed/graph.js';
import { grant } from '../../scripts/src/seed/staff.js';
import { placesIn } from '../../scripts/src/start.plan.js';
import { askToken } from '../../scripts/src/token.ask.js';
import { eventually } from './eventually.js';
import type { About, Rules, Viewer } from './matrix.rules.js';
import type { Ids } from './matrix.story.js';
import { type World, YEAR } from './world.js';

/** What a resolver withholds though the rule would allow it: the rule in truth. Withheld, it is as if it were not there. */
export const NARROWER: Rules = new Map([
  ['Query.enrolment', { to: ['SELF', 'SUPERVISOR', 'HR', 'AUDITOR'], by: ['employee'] }],
]);

/** What is said where there is nothing to show. */
export const SPOKEN = new Map([['EventOperations.rebuildDifferences', 'REBUILD_NOT_FOUND']]);

/** Fields of which the scene shows no value: their types, or they themselves, and why. */
export const UNSEEN: Readonly<Record<string, string>> = {
  DeadLetter: 'Nothing goes wrong here.',
  DeadLetterEdge: 'As above.',
  DeadLetterPayload: 'As above.',
  EventHeader: 'It is part of a dead letter.',
  EventPayload: 'It is part of a dead letter.',
  'EventOperations.deadLetter': 'As above.',
  AccessEntry: 'It comes by an event after a read: whether one has come by now is chance.',
  AccessEntryEdge: 'As above.',
  ParkedEvent: 'No transport refuses an event here.',
  ParkedEventEdge: 'As above.',
  'ModelRebuild.error': 'No rebuild fails here.',
  'ModelRebuild.aggregatesInAll': 'personnel’s own is not built anew here.',
  ScoreDifference: 'Every score is as its facts say.',
  LedgerDifference: 'Every ledger is as its records say.',
  'EventCountPayload.next': 'A replay here is done in one call.',
  'TimelinePayload.timeline': 'Another timeline is for a database that was restored.',
};

/** All that the matrix asks about, by id, and who asks. */
export interface Scene {
  readonly viewers: readonly Viewer[];
  /** Those who have roles, as they are once these are taken from them. */
  readonly dismissed: readonly Viewer[];
  /** Grows with the story. */
  readonly ids: Ids;
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
  const ids: Ids = {
    ...people,
    ...{ unit: unitId, agency: agencyId, publicService: serviceId, course: courseId, enrolment: enrolmentId },
    ...(await idsOf(world)),
    nip: '199001012015012901',
  };
  await quiet(world);
  const viewers = await viewersIn(world, ids);
  return {
    ids,
    viewers,
    dismissed: viewers.filter(({ name }) => DISMISSED.includes(name)).map((viewer) => withoutRole(viewer, ids)),
    aboutOf: (type, id) => {
      if (type === 'Employee') return { employee: id };
      if (type === 'Unit') return { unit: id };
      if (type === 'Agency') return { agency: id };
      if (type === 'PublicService' || type === 'Complaint' || type === 'Position') return { unit: unitId };
      if (type !== 'Enrolment') return null;
      if (id === ids['enrolment'] || id === ids['training']) return { employee: ids['employee'] };
      return id === ids['place'] ? { employee: ids['colleague'] } : null;
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

async function idsOf({ as, agencyId, unitId, people, enrolmentId }: World): Promise<Ids> {
  // biome-ignore lint/suspicious/noExplicitAny: an answer is what the query asked for
  const found: any = await as('hr').ask(
    `query ($agencyId: ID!, $unitId: ID!, $employee: ID!, $enrolment: ID!) {
      unit(id: $unitId) { parent { id } }
      enrolment(id: $enrolment) { session { id } }
      employee(id: $employee) { position { id } }
      agencies { edges { node { id } } }
      performancePeriods(agencyId: $agencyId) { edges { node { id } } }
      scoringPolicies { edges { node { id } } }
    }`,
    { agencyId, unitId, employee: people.employee, enrolment: enrolmentId },
  );
  const nodes = (list: { edges: { node: { id: string } }[] }) => list.edges.map(({ node }) => node.id);
  return {
    department: found.unit.parent.id,
    session: found.enrolment.session.id,
    position: found.employee.position.id,
    otherAgency: nodes(found.agencies).find((id) => id !== agencyId)!,
    performancePeriod: nodes(found.performancePeriods)[0]!,
    scoringPolicy: nodes(found.scoringPolicies)[0]!,
  };
}

/** What a viewer is, to whom; the law of the scene, against which Merit is judged. */
interface Standing {
  /** A civil servant. */
  readonly isStaff: boolean;
  /** Names of people: their own, and those whom they supervise. */
  readonly self?: string;
  readonly supervises?: readonly string[];
  /** Those whom they supervise as the supervisor of their supervisor. */
  readonly above?: readonly string[];
  readonly hrOf?: string;
  readonly officerOf?: string;
  readonly auditorOf?: string;
  readonly isAdmin?: boolean;
  /** What agreements share with a partner's machine client. */
  readonly shares?: { readonly people: readonly string[]; readonly agency: string };
}

const STANDINGS: Readonly<Record<string, Standing>> = {
  public: { isStaff: false },
  stranger: { isStaff: false },
  colleague: { isStaff: true, self: 'colleague' },
  employee: { isStaff: true, self: 'employee' },
  supervisor: { isStaff: true, self: 'supervisor', supervises: ['employee', 'colleague', 'newcomer'] },
  head: { isStaff: true, self: 'head', supervises: ['supervisor'], above: ['employee', 'colleague', 'newcomer'] },
  hr: { isStaff: true, self: 'hr', hrOf: 'agency' },
  'hr-elsewhere': { isStaff: true, self: 'hr-elsewhere', hrOf: 'otherAgency' },
  officer: { isStaff: true, self: 'officer', officerOf: 'unit' },
  auditor: { isStaff: true, self: 'auditor', auditorOf: 'agency' },
  system: { isStaff: false, isAdmin: true },
  partner: { isStaff: false, shares: { people: ['employee'], agency: 'agency' } },
  'partner-without-agreement': { isStaff: false },
};
/** Machine clients: their tokens name no person. */
export const PARTNERS: readonly string[] = ['partner', 'partner-without-agreement'];
export const VIEWERS = Object.keys(STANDINGS);

/** Whose roles end after everything else. */
const DISMISSED = ['hr', 'officer'];

function withoutRole(viewer: Viewer, ids: Ids): Viewer {
  const { isStaff, self } = STANDINGS[viewer.name]!;
  return { ...viewer, is: (audience, about) => isOne(audience, { isStaff, self: self! }, about, ids) };
}

/** Everyone who asks. */
async function viewersIn(world: World, ids: Ids): Promise<Viewer[]> {
  const file = placesIn(world.dataDir).people;
  const known = JSON.parse(readFileSync(file, 'utf8')) as object[];
  const more = Object.keys(MORE_STAFF).map((handle) => ({ handle, employeeId: ids[handle], name: handle }));
  const all = [
    ...known,
    ...[...more, { handle: 'stranger', name: 'stranger' }].map((one) => ({ ...one, description: '' })),
  ];
  writeFileSync(file, JSON.stringify(all));
  return Promise.all(
    Object.entries(STANDINGS).map(async ([name, standing]) => ({
      name,
      token: name === 'public' ? null : await tokenOf(world, name),
      is: (audience, about) => isOne(audience, standing, about, ids),
    })),
  );
}

const tokenOf = ({ merit, dataDir }: World, name: string): string | Promise<string> =>
  PARTNERS.includes(name)
    ? clientToken(merit.urls.identity, placesIn(dataDir).identity, name)
    : askToken(merit.urls.identity, name);

/** A token as the identity provider would give it to a machine client, signed with its key. */
function clientToken(issuer: string, folder: string, client: string): string {
  const { jwks } = JSON.parse(readFileSync(path.join(folder, 'keys.json'), 'utf8')) as { jwks: { keys: [JsonWebKey] } };
  const claims = {
    iss: issuer,
    aud: 'merit',
    sub: client,
    merit_client: client,
    exp: Math.floor(Date.now() / 1000) + 3_600,
  };
  const text = [{ alg: 'RS256' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('RSA-SHA256', Buffer.from(text), createPrivateKey({ key: jwks.keys[0], format: 'jwk' }));
  return `${text}.${signature.toString('base64url')}`;
}

function agencyOf({ employee, agency, unit }: About, ids: Ids): string | undefined {
  if (employee !== undefined) return ids[employee === ids['hr-elsewhere'] ? 'otherAgency' : 'agency'];
  return unit !== undefined ? ids['agency'] : agency;
}

/** Whether someone is of an audience, with regard to whom or what the thing is about. To oneself one is SELF alone. */
function isOne(audience: string, standing: Standing, about: About, ids: Ids): boolean {
  const isIn = (name: string | undefined, id: string | undefined) =>
    name !== undefined && id !== undefined && ids[name] === id;
  const isSelf = isIn(standing.self, about.employee);
  switch (audience) {
    case 'PUBLIC':
      return true;
    case 'STAFF':
      return standing.isStaff;
    case 'ADMIN':
      return standing.isAdmin ?? false;
    case 'SELF':
      return isSelf;
    case 'SUPERVISOR':
      return [...(standing.supervises ?? []), ...(standing.above ?? [])].some((name) => isIn(name, about.employee));
    case 'DIRECT_SUPERVISOR':
      return (standing.supervises ?? []).some((name) => isIn(name, about.employee));
    case 'PARTNER':
      return about.employee === undefined
        ? isIn(standing.shares?.agency, agencyOf(about, ids))
        : (standing.shares?.people ?? []).some((name) => isIn(name, about.employee));
    case 'HR':
      return !isSelf && isIn(standing.hrOf, agencyOf(about, ids));
    case 'AUDITOR':
      return !isSelf && isIn(standing.auditorOf, agencyOf(about, ids));
    case 'OFFICER':
      return isIn(standing.officerOf, about.unit);
    default:
      throw new Error(`Say in matrix.scene.ts who is ${audience}.`);
  }
}

/** Until nothing is on its way between services: what was entered is known wherever it is judged. */
export async function quiet(world: World): Promise<void> {
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

/** With which arguments fields are asked. */
export function argumentIn({ ids }: Scene, coordinate: string, name: string, last: string): string | null {
  const [type, field] = coordinate.split('.') as [string, string];
  const isRoot = type === 'Query';
  const text = (id: string) => JSON.stringify(ids[id]);
  if (name === 'first') return field === 'employees' || field === 'units' ? '4' : '2';
  if (name === 'year') return String(YEAR);
  // On a day by one way in, and today by all others: the two have rules of their own.
  if (type === 'Employee' && name === 'at') return last === 'Query.employee' ? `"${YEAR}-01-15"` : null;
  if (field === 'rebuildDifferences' && name === 'id') return text('rebuild');
  if (type === 'EventOperations') return OPERATIONS[name] ?? null;
  if (isRoot && name === 'id') return text(BETTER[`${coordinate} ${last}`] ?? field);
  if (isRoot && name === 'unitId') return text('unit');
  if (isRoot && name === 'agencyId') return field === 'employees' ? null : text('agency');
  if (name === 'nips') return `[${text('nip')}]`;
  return name === 'trackingId' ? text('trackingId') : null;
}

const OPERATIONS: Readonly<Record<string, string>> = {
  ...{ from: `"${YEAR}-01-01"`, to: `"${YEAR}-12-31"`, model: '"directory"', id: '"1"' },
};

/** Where another than the usual one shows more: the root field and the way's last → whose id. */
const BETTER: Readonly<Record<string, string>> = {
  'Query.unit Unit.mergedInto': 'oldUnit',
  'Query.unit Unit.children': 'department',
  'Query.employee PerformancePlan.agreedBy': 'colleague',
};

/** The entity of a type that is asked for by its key. */
export function entityIn({ ids }: Scene, type: string): string {
  const id = ids[type[0]!.toLowerCase() + type.slice(1)];
  if (id === undefined) throw new Error(`Name an object of type ${type} in matrix.scene.ts.`);
  return id;
}
