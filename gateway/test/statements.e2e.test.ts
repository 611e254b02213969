/**
 * What an answer costs in statements does not depend on how long its lists are: each document is asked of something
 * small and of something large, and every service must have sent its database the same number of statements.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Graph } from '../../scripts/src/graph.client.js';
import { importRows, whenKnown } from '../../scripts/src/seed/graph.js';
import { SERVICES, type Service } from '../../scripts/src/start.plan.js';
import { eventually, startWorld, type World, YEAR } from './world.js';

/** In the small unit, and in the large one. */
const FEW = 3;
const MANY = 25;

let world: World;
let small: Place;
let large: Place;
beforeAll(async () => {
  world = await startWorld({ logLevel: 'debug' });
  const hr = world.as('hr');
  await enterUnits(hr);
  small = await enterPlace(hr, 'KECIL', FEW);
  large = await enterPlace(hr, 'BESAR', MANY);
  await eventually(async () => {
    const counts = [await scored(small.unitId), await scored(large.unitId)];
    return counts[0] === FEW && counts[1] === MANY;
  }, 120_000);
}, 300_000);
afterAll(() => world?.stop(), 60_000);

/** A unit with as many units under it, people and public services as are said, and a person with as many records. */
interface Place {
  readonly unitId: string;
  readonly employeeId: string;
  readonly serviceId: string;
}

async function enterUnits(hr: Graph): Promise<void> {
  const unit = (code: string, kind: string, parentCode: string | null) => ({
    ...{ code, name: `Unit ${code}`, kind, parentCode, validFrom: '2020-01-01' },
  });
  const under = (code: string, count: number) => numbers(count).map((n) => unit(`${code}-${n}`, 'BIDANG', code));
  await importRows(hr, 'importUnits', 'ImportUnitsInput', { agencyId: world.agencyId }, [
    ...[unit('KECIL', 'PERANGKAT_DAERAH', null), ...under('KECIL', FEW)],
    ...[unit('BESAR', 'PERANGKAT_DAERAH', null), ...under('BESAR', MANY)],
  ]);
}

/** 01, 02, … */
const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(n + 1).padStart(2, '0'));

async function enterPlace(hr: Graph, code: string, count: number): Promise<Place> {
  const { agencyId } = world;
  const nips = numbers(count).map(
    (n) => `1990${code === 'KECIL' ? '03' : '04'}${n}201501${code === 'KECIL' ? 1 : 2}9${n}`,
  );
  const held = { assignmentKind: 'DEFINITIF', decreeNumber: 'SK/2', decreeDate: '2021-01-04', validFrom: '2021-02-01' };
  const person = (nip: string, n: number, unitCode: string, leading: boolean) => ({
    ...{ nip, name: `Pegawai ${code} ${n}`, unitCode, positionTitle: leading ? 'Kepala' : 'Pranata', leading },
    ...{ positionKind: leading ? 'ADMINISTRATOR' : 'PELAKSANA', serviceFrom: '2015-01-01', kind: 'PNS', ...held },
  });
  const people = nips.map((nip, n) => person(nip, n, code, false));
  await importRows(hr, 'importEmployees', 'ImportEmployeesInput', { agencyId }, people);
  const ids = await employeesOf(hr, nips);
  const services = numbers(count).map((n) => ({
    ...{ unitCode: code, code: `${code}-${n}`, name: `Layanan ${code} ${n}` },
    standards: [{ name: 'Berkas', requirements: 'KTP-el', limit: { quantity: 1, unit: 'WORKING_DAYS' }, fee: 0 }],
  }));
  const unitId = await unitOf(hr, code);
  await importRows(
    hr,
    'importServices',
    'ImportServicesInput',
    { agencyId },
    services.map(({ unitCode: _, ...service }) => ({ ...service, unitId })),
  );
  const indicator = (n: string) => ({
    ...{ name: `Berkas ${n}`, aspect: 'QUANTITY', target: 12, unit: 'berkas', evidenceSource: 'laporan' },
  });
  const plans = ids.map((employeeId) => ({
    ...{ employeeId, agreedOn: '2026-01-05' },
    workResults: numbers(Math.min(count, 8)).map((n) => ({
      ...{ title: `Hasil ${n}`, kind: 'UTAMA', indicators: [indicator(n)] },
    })),
  }));
  await importRows(hr, 'importPlans', 'ImportPlansInput', { agencyId, year: YEAR }, plans);
  const trainings = ids.flatMap((employeeId, of) =>
    numbers(of === 0 ? Math.min(count, 10) : 1).map((n) => ({
      ...{ employeeId, courseCode: 'PP', hours: 1, certificateNumber: `${code}-${of}-${n}` },
      ...{ startsOn: `2026-02-${n}`, endsOn: `2026-02-${n}` },
    })),
  );
  await importRows(hr, 'importTrainingRecords', 'ImportTrainingRecordsInput', { agencyId }, trainings);
  return { unitId, employeeId: ids[0]!, serviceId: await serviceOf(hr, unitId) };
}

async function employeesOf(hr: Graph, nips: readonly string[]): Promise<string[]> {
  const query =
    'query ($agencyId: ID!, $nips: [String!]!) { employeesByNip(agencyId: $agencyId, nips: $nips) { employee { id } } }';
  const { employeesByNip } = await hr.ask<{ employeesByNip: { employee: { id: string } }[] }>(query, {
    agencyId: world.agencyId,
    nips,
  });
  return employeesByNip.map(({ employee }) => employee.id);
}

async function unitOf(hr: Graph, code: string): Promise<string> {
  const query = 'query ($agencyId: ID!) { units(agencyId: $agencyId, top: true) { edges { node { id code } } } }';
  const { units } = await hr.ask<{ units: { edges: { node: { id: string; code: string } }[] } }>(query, {
    agencyId: world.agencyId,
  });
  return units.edges.find(({ node }) => node.code === code)!.node.id;
}

const serviceOf = (hr: Graph, unitId: string): Promise<string> =>
  whenKnown(async () => {
    const query = 'query ($id: ID!) { unit(id: $id) { services(first: 1) { edges { node { id } } } } }';
    const { unit } = await hr.ask<{ unit: { services: { edges: { node: { id: string } }[] } } }>(query, { id: unitId });
    return unit.services.edges[0]!.node.id;
  });

/** How many of a unit's people have a score and hours. */
async function scored(unitId: string): Promise<number> {
  const query = `query ($id: ID!) { unit(id: $id) { employees(first: 100) { edges { node {
    score(year: ${YEAR}) { value parts { component attainment } } learning(year: ${YEAR}) { hours } } } } } }`;
  const { data } = await world.asked('hr', query, { id: unitId });
  const found: { node: { score: object | null; learning: { hours: number } | null } }[] = data.unit.employees.edges;
  return found.filter(({ node }) => node.score && node.learning && node.learning.hours > 0).length;
}

type Counts = Readonly<Record<Service, number>>;

/** What each service sent its database for one request, as its log tells by the request's id. */
async function statementsOf(path: string, query: string, variables: object, as: 'hr' | null): Promise<Counts> {
  const id = randomUUID();
  const headers = {
    'content-type': 'application/json',
    'x-request-id': id,
    ...(as ? { authorization: `Bearer ${world.tokenOf(as)}` } : {}),
  };
  const url = `${world.merit.gatewayUrl}${path}/graphql`;
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = (await answer.json()) as { data: object; errors?: object[] };
  expect({ errors, data }).toMatchObject({ errors: undefined, data: expect.anything() });
  // A line that was written after those: a service writes them in the order in which it answers.
  const after = randomUUID();
  for (const name of SERVICES) {
    const body = '{"query":"{ __typename }"}';
    const mark = { 'content-type': 'application/json', 'x-request-id': after };
    await fetch(world.merit.urls[name], { method: 'POST', headers: mark, body });
  }
  const lines = new Map<Service, Line[]>();
  await eventually(async () => {
    for (const name of SERVICES) lines.set(name, linesOf(name));
    return SERVICES.every((name) => lines.get(name)!.some(({ requestId }) => requestId === after));
  }, 30_000);
  const count = (name: Service) =>
    lines
      .get(name)!
      .filter(({ requestId }) => requestId === id)
      .reduce((sum, { statements }) => sum + statements!, 0);
  return Object.fromEntries(SERVICES.map((name) => [name, count(name)])) as Counts;
}

/** Of three: a connection that is new sends a statement of its own. */
async function leastOf(count: () => Promise<Counts>): Promise<Counts> {
  const counts = [await count(), await count(), await count()];
  return Object.fromEntries(SERVICES.map((name) => [name, Math.min(...counts.map((each) => each[name]))])) as Counts;
}

interface Line {
  readonly requestId?: string;
  readonly statements?: number;
}

/** The whole lines of a service's log that speak of requests. */
function linesOf(name: Service): Line[] {
  const text = readFileSync(world.merit.logs[name]!, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n')).split('\n');
  return whole.filter((line) => line.includes('"msg":"request"')).map((line) => JSON.parse(line) as Line);
}

const file = (name: string) => readFileSync(new URL(`../${name}.graphql`, import.meta.url), 'utf8');

const people = `edges { node { id position { title } unit { id agency { name } head { name } parent { id name } } supervisor { name }
  positionAssignments(first: 5) { edges { node { validFrom position { title unit { name } } } } }
  serviceAssignments(first: 5) { edges { node { validFrom } } }
  availability(first: 5) { edges { node { kind } } } grants(first: 5) { edges { node { role agency { name } unit { name } } } } } }`;
const WIDE = `query Wide($unitId: ID!, $first: Int!) { unit(id: $unitId) { employees(first: $first) { ${people} } } }`;
const DEEP = `query Deep($unitId: ID!, $first: Int!) { unit(id: $unitId) { children(first: $first) { edges { node {
  name ancestors { name } mergedInto { name } head { name } complaintStatistics(year: ${YEAR}) { received }
  children(first: 3) { edges { node { name } } } employees(first: 3) { edges { node { name } } }
  services(first: 3) { edges { node { name survey(year: ${YEAR}) { counted } unit { name } } } } } } } } }`;
const PAST = `query Past($unitId: ID!, $first: Int!) { unit(id: $unitId) { employees(first: $first) { edges { node {
  score(year: ${YEAR}) { history(first: 3) { edges { node { value asOf policy { version } } } } }
  plan(year: ${YEAR}) { period { year agency { name } } employee { name } workResults { indicators {
    realised revisions { reason } } } } } } } } }`;
const LEARNT = `query Learnt($unitId: ID!, $first: Int!) { unit(id: $unitId) { employees(first: $first) { edges { node {
  learning(year: ${YEAR}) { asOf records(first: 2) { edges { node { course { title form { name } competency { name }
    sessions(first: 2) { edges { node { startsOn } } } } } } } }
  enrolments(first: 2) { edges { node { status course { title } session { code } changes { reason } employee { name } } } }
} } } } }`;

const inUnit = ({ unitId }: Place, first: number) => ({ unitId, first, year: YEAR });
const DOCUMENTS: readonly [string, string, (place: Place, count: number) => object][] = [
  ['documents/staff/team', '', inUnit],
  ['documents/staff/dashboard', '', inUnit],
  ['graphiql/examples/person', '', ({ employeeId }) => ({ id: employeeId })],
  ['graphiql/examples/unit', '', ({ unitId }) => ({ id: unitId })],
  ['documents/public/unit', '/public', ({ unitId }, first) => ({ id: unitId, year: YEAR, first })],
  ['documents/public/units', '/public', ({ unitId }, first) => ({ agencyId: world.agencyId, parentId: unitId, first })],
  ['documents/public/service', '/public', ({ serviceId }) => ({ id: serviceId, year: YEAR })],
  [WIDE, '', inUnit],
  [DEEP, '', inUnit],
  [PAST, '', inUnit],
  [LEARNT, '', inUnit],
];

test.each(
  DOCUMENTS.map(([name, path, variables]) => [/^query (\w+)/.exec(name)?.[1] ?? name, name, path, variables] as const),
)(
  '%s takes as many statements for many as for few',
  async (_, name, path, variables) => {
    const query = name.startsWith('query') ? name : file(name);
    const declared = /\((\$[^)]*)\)/.exec(query)?.[1] ?? '';
    const given = (place: Place, count: number) =>
      Object.fromEntries(Object.entries(variables(place, count)).filter(([key]) => declared.includes(`$${key}:`)));
    const as = path === '' ? 'hr' : null;
    const few = await leastOf(() => statementsOf(path, query, given(small, FEW), as));
    const many = await leastOf(() => statementsOf(path, query, given(large, MANY), as));
    expect(many).toEqual(few);
    expect(SERVICES.reduce((sum, service) => sum + few[service], 0)).toBeGreaterThan(0);
  },
  60_000,
);
