/** What an import has to look up in the graph before it can tell a row. */
import { DomainError } from '@merit/chassis/errors';
import { trouble } from '@merit/infra/trouble';
import type { Graph } from '../graph.client.js';

/** Every public service of an agency: code → id. */
export async function servicesOf(graph: Graph, agencyId: string): Promise<Map<string, string>> {
  const services = new Map<string, string>();
  for (let after: string | null = null; ; ) {
    const { units: page }: UnitsPage = await graph.ask<UnitsPage>(
      `query Services($agencyId: ID!, $after: String) {
        units(agencyId: $agencyId, first: 20, after: $after) {
          edges { node { services(first: 100) { edges { node { id code } } } } }
          pageInfo { hasNextPage endCursor }
        }
      }`,
      { agencyId, after },
    );
    for (const { node } of page.edges) for (const { node: one } of node.services.edges) services.set(one.code, one.id);
    if (!page.pageInfo.hasNextPage) return services;
    after = page.pageInfo.endCursor;
  }
}

interface UnitsPage {
  readonly units: {
    readonly edges: readonly { node: { services: { edges: readonly { node: { id: string; code: string } }[] } } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/**
 * The agency that an import is for: the one named, else the one that employs whom the token names.
 * @param named its id, or its name
 * @throws Trouble when it cannot be known
 */
export async function agencyOf(graph: Graph, named: string | undefined): Promise<{ id: string; name: string }> {
  if (named === undefined) {
    const { me } = await graph
      .ask<{ me: { agency: { id: string; name: string } | null } | null }>('{ me { agency { id name } } }')
      .catch((error: unknown) => {
        if (error instanceof DomainError && error.code === 'FORBIDDEN') return { me: null };
        throw error;
      });
    if (me?.agency) return me.agency;
    throw trouble('Whoever signs in here works for no agency: name it with --agency.');
  }
  const { agencies } = await graph.ask<{ agencies: { edges: { node: { id: string; name: string } }[] } }>(
    '{ agencies(first: 100) { edges { node { id name } } } }',
  );
  const found = agencies.edges.find(({ node }) => node.id === named || node.name.toLowerCase() === named.toLowerCase());
  if (found) return found.node;
  const names = agencies.edges.map(({ node }) => node.name).join(', ');
  throw trouble(`There is no agency "${named}". There are: ${names || 'none yet'}.`);
}

/** Every course in an agency's catalogue: code → its provider, within which certificate numbers are unique. */
export async function coursesOf(graph: Graph, agencyId: string): Promise<Map<string, string>> {
  const courses = new Map<string, string>();
  for (let after: string | null = null; ; ) {
    const { courses: page }: CoursesPage = await graph.ask<CoursesPage>(
      `query Courses($agencyId: ID!, $after: String) {
        courses(agencyId: $agencyId, first: 100, after: $after) {
          edges { node { code provider } }
          pageInfo { hasNextPage endCursor }
        }
      }`,
      { agencyId, after },
    );
    for (const { node } of page.edges) courses.set(node.code, node.provider);
    if (!page.pageInfo.hasNextPage) return courses;
    after = page.pageInfo.endCursor;
  }
}

interface CoursesPage {
  readonly courses: {
    readonly edges: readonly { node: { code: string; provider: string } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** So many people are kept; a table of an agency's year comes by them again and again. */
const MOST_KEPT = 50_000;

/** Finds people of an agency by their identity numbers, asking for each but once while there is room to remember. */
export function findPeople(
  graph: Graph,
  agencyId: string,
): (nips: readonly string[]) => Promise<Map<string, string | null>> {
  const known = new Map<string, string | null>();
  return async (nips) => {
    const wanted = [...new Set(nips)];
    const missing = wanted.filter((nip) => !known.has(nip));
    const found = new Map(wanted.map((nip) => [nip, known.get(nip) ?? null]));
    if (missing.length === 0) return found;
    const { employeesByNip } = await graph.ask<{ employeesByNip: { nip: string; employee: { id: string } | null }[] }>(
      'query People($agencyId: ID!, $nips: [String!]!) { employeesByNip(agencyId: $agencyId, nips: $nips) { nip employee { id } } }',
      { agencyId, nips: missing },
    );
    if (known.size + missing.length > MOST_KEPT) known.clear();
    for (const { nip, employee } of employeesByNip) {
      known.set(nip, employee?.id ?? null);
      found.set(nip, employee?.id ?? null);
    }
    return found;
  };
}
