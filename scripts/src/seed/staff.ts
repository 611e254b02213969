/** The first part of the seed: an agency, its units and its people, and the seed's own right to enter them. */
import type { Graph } from '../graph.client.js';
import { chanceOf } from './chance.js';
import { all, type Connection, each, importRows, whenKnown } from './graph.js';
import type { AgencySeed } from './organisations.js';
import { type PersonSeed, peopleOf, unitsOf } from './people.js';
import { day } from './when.js';

export interface Staff {
  readonly seed: AgencySeed;
  readonly agencyId: string;
  /** Code → id. */
  readonly units: ReadonlyMap<string, string>;
  readonly people: readonly (PersonSeed & { readonly employeeId: string })[];
}

const ROLES = ['HR', 'OFFICER'] as const;

/** Registers an agency that is not there yet. */
export async function registerAgency(graph: Graph, { name, timeZone }: AgencySeed): Promise<string> {
  const { agencies } = await graph.ask<{ agencies: { edges: { node: { id: string; name: string } }[] } }>(
    '{ agencies(first: 100) { edges { node { id name } } } }',
  );
  const known = agencies.edges.find(({ node }) => node.name === name);
  if (known) return known.node.id;
  const { registerAgency } = await graph.ask<{ registerAgency: { agency: { id: string } } }>(
    'mutation ($input: RegisterAgencyInput!) { registerAgency(input: $input) { agency { id } } }',
    { input: { name, timeZone, idempotencyKey: `seed-agency-${name}` } },
  );
  return registerAgency.agency.id;
}

/** The operator may not enter people; a personnel officer may. So the seed names itself one, and says later that it is none any more. */
export async function takeRoles(graph: Graph, agencyId: string, today: string): Promise<string[]> {
  const grants: string[] = [];
  for (const role of ROLES) {
    const input = { subject: 'system', role, agencyId, validFrom: today, idempotencyKey: `seed-${role}-${agencyId}` };
    grants.push(await grant(graph, input));
  }
  return grants;
}

export async function grant(graph: Graph, input: Record<string, unknown>): Promise<string> {
  const { grantRole } = await graph.ask<{ grantRole: { grant: { id: string } } }>(
    'mutation ($input: GrantRoleInput!) { grantRole(input: $input) { grant { id } } }',
    { input },
  );
  return grantRole.grant.id;
}

export async function giveRolesBack(graph: Graph, grants: readonly string[]): Promise<void> {
  for (const grantId of grants) {
    await graph.ask('mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { grant { id } } }', {
      input: { grantId, reason: 'The sample data is complete.', idempotencyKey: `seed-revoke-${grantId}` },
    });
  }
}

export async function enterStaff(graph: Graph, seed: AgencySeed, agencyId: string): Promise<Staff> {
  await importRows(graph, 'importUnits', 'ImportUnitsInput', { agencyId }, unitsOf(seed));
  const people = peopleOf(seed);
  await importRows(graph, 'importEmployees', 'ImportEmployeesInput', { agencyId }, people);
  const ids = await idsOf(
    graph,
    agencyId,
    people.map(({ nip }) => nip),
  );
  const units = await unitIds(graph, agencyId);
  return { seed, agencyId, units, people: people.map((person) => ({ ...person, employeeId: ids.get(person.nip)! })) };
}

async function idsOf(graph: Graph, agencyId: string, nips: readonly string[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (let from = 0; from < nips.length; from += 500) {
    const { employeesByNip } = await whenKnown(() =>
      graph.ask<{ employeesByNip: { nip: string; employee: { id: string } }[] }>(
        'query ($agencyId: ID!, $nips: [String!]!) { employeesByNip(agencyId: $agencyId, nips: $nips) { nip employee { id } } }',
        { agencyId, nips: nips.slice(from, from + 500) },
      ),
    );
    for (const { nip, employee } of employeesByNip) ids.set(nip, employee.id);
  }
  return ids;
}

async function unitIds(graph: Graph, agencyId: string): Promise<Map<string, string>> {
  type Coded = { id: string; code: string };
  const units = await all<{ units: Connection<Coded> }, Coded>(
    graph,
    `query ($agencyId: ID, $after: String) {
      units(agencyId: $agencyId, first: 100, after: $after) {
        edges { node { id code } } pageInfo { hasNextPage endCursor }
      }
    }`,
    { agencyId },
    (data) => data.units,
  );
  return new Map(units.map(({ id, code }) => [code, id]));
}

/** Some are away for a while: a month of leave here, three there. */
export async function enterAbsences(graph: Graph, { seed, people }: Staff): Promise<void> {
  const chance = chanceOf(`absences of ${seed.short}`);
  const away = people.filter(({ leading }) => !leading && chance.isTrue(0.03));
  await each(away, async ({ employeeId }) => {
    const month = chance.between(2, 7);
    const input = {
      employeeId,
      awayFrom: day(month, 1),
      awayTo: day(month + chance.between(0, 2), 28),
      kind: chance.pick(['CUTI_MELAHIRKAN', 'CUTI_SAKIT', 'CUTI_BESAR', 'TUGAS_BELAJAR']),
      idempotencyKey: `seed-away-${employeeId}`,
    };
    await graph.ask(
      'mutation ($input: RecordAvailabilityInput!) { recordAvailability(input: $input) { availability { id } } }',
      { input },
    );
  });
}
