/** What a world begins with. */
import type { Graph } from '../graph.client.js';
import { importRows, whenKnown } from '../seed/graph.js';
import { registerAgency, takeRoles } from '../seed/staff.js';

export const YEAR = 2026;
const MOVERS = 20;

export interface Filled {
  readonly agencies: readonly [string, string];
  /** Those whose trainings are recorded, and those who are moved between the agencies. */
  readonly people: readonly string[];
  readonly movers: readonly string[];
  readonly courseId: string;
  readonly services: readonly string[];
}

/** Two agencies, people, services and a course. */
export async function fill(graph: Graph, count: number): Promise<Filled> {
  const here = await enterAgency(graph, 'Kota Uji', count + MOVERS);
  const there = await enterAgency(graph, 'Kota Tujuan', 0);
  await whenKnown(() =>
    graph.ask('mutation ($input: OpenPeriodInput!) { openPeriod(input: $input) { period { id } } }', {
      input: { agencyId: here.agencyId, year: YEAR },
    }),
  );
  const services = await enterServices(graph, here.agencyId, here.unitId);
  const courseId = await enterCourse(graph, here.agencyId);
  return {
    agencies: [here.agencyId, there.agencyId],
    people: here.people.slice(0, count),
    movers: here.people.slice(count),
    services,
    courseId,
  };
}

async function enterAgency(graph: Graph, name: string, count: number) {
  const agencyId = await registerAgency(graph, { name, timeZone: 'Asia/Jakarta' } as never);
  await takeRoles(graph, agencyId, `${YEAR}-01-01`);
  await importRows(graph, 'importUnits', 'ImportUnitsInput', { agencyId }, [
    { code: 'DINAS', name: 'Dinas Pelayanan', kind: 'PERANGKAT_DAERAH', parentCode: null, validFrom: '2020-01-01' },
  ]);
  const { units } = await graph.ask<{ units: { edges: { node: { id: string } }[] } }>(
    'query ($agencyId: ID!) { units(agencyId: $agencyId) { edges { node { id } } } }',
    { agencyId },
  );
  const rows = Array.from({ length: count }, (_, n) => ({
    // Numbers with serials from 900 on are given to nobody.
    nip: `198${n % 9}0101201501${1 + (n % 2)}${900 + Math.floor(n / 9)}`,
    name: `Pegawai ${n + 1}`,
    unitCode: 'DINAS',
    positionTitle: 'Penata Layanan',
    positionKind: 'PELAKSANA',
    leading: false,
    serviceFrom: '2015-01-01',
    kind: 'PNS',
    assignmentKind: 'DEFINITIF',
    decreeNumber: 'SK/1',
    decreeDate: '2021-01-04',
    validFrom: '2021-02-01',
  }));
  await importRows(graph, 'importEmployees', 'ImportEmployeesInput', { agencyId }, rows);
  const { employeesByNip } = await graph.ask<{ employeesByNip: { employee: { id: string } }[] }>(
    'query ($agencyId: ID!, $nips: [String!]!) { employeesByNip(agencyId: $agencyId, nips: $nips) { employee { id } } }',
    { agencyId, nips: rows.map(({ nip }) => nip) },
  );
  return { agencyId, unitId: units.edges[0]!.node.id, people: employeesByNip.map(({ employee }) => employee.id) };
}

async function enterServices(graph: Graph, agencyId: string, unitId: string): Promise<string[]> {
  const standards = [{ name: 'Berkas', requirements: 'KTP-el', limit: { quantity: 1, unit: 'WORKING_DAYS' }, fee: 0 }];
  const rows = ['KTP', 'KK', 'AKTA'].map((code) => ({ unitId, code, name: `Penerbitan ${code}`, standards }));
  await importRows(graph, 'importServices', 'ImportServicesInput', { agencyId }, rows);
  const { unit } = await graph.ask<{ unit: { services: { edges: { node: { id: string } }[] } } }>(
    'query ($id: ID!) { unit(id: $id) { services { edges { node { id } } } } }',
    { id: unitId },
  );
  return unit.services.edges.map(({ node }) => node.id);
}

async function enterCourse(graph: Graph, agencyId: string): Promise<string> {
  const form = { form: 'PELATIHAN_TEKNIS', hours: 40, competency: 'M.05', provider: 'BKPSDM' };
  await importRows(graph, 'importCourses', 'ImportCoursesInput', { agencyId }, [
    { code: 'PP', title: 'Pelayanan Prima', ...form },
  ]);
  const { courses } = await graph.ask<{ courses: { edges: { node: { id: string } }[] } }>(
    'query ($agencyId: ID!) { courses(agencyId: $agencyId) { edges { node { id } } } }',
    { agencyId },
  );
  return courses.edges[0]!.node.id;
}
