/** How the seed speaks with the graph: the services' own commands, many at a time, and patience with what is not known everywhere yet. */
import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '@merit/chassis/errors';
import type { Graph } from '../graph.client.js';

export interface ImportAnswer {
  readonly imported: number;
  readonly unchanged: number;
  readonly problems: readonly { row: number; field: string | null; code: string; message: string }[];
}

/** A service learns from the stream of whom and what it is told; until then it does not know them, or the seed's right. */
const NOT_YET = /FORBIDDEN|DIRECTORY_STALE|_NOT_FOUND$|_UNKNOWN$/;
const PATIENCE_MS = 60_000;

/** Asks until the service has heard of what it is asked about. Anything else that goes wrong goes wrong at once. */
export async function whenKnown<T>(ask: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + PATIENCE_MS; ; await pause(200)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof DomainError) || !NOT_YET.test(error.code) || Date.now() > until) throw error;
    }
  }
}

/** A bulk command in calls of at most `size` rows; a problem in the seed's own rows is a fault of the seed, and ends it. */
export async function importRows<Row>(
  graph: Graph,
  mutation: string,
  inputType: string,
  input: Record<string, unknown>,
  rows: readonly Row[],
  size = 500,
): Promise<void> {
  const query = `mutation Seed($input: ${inputType}!) {
    ${mutation}(input: $input) { imported unchanged problems { row field code message } }
  }`;
  for (let from = 0; from < rows.length; from += size) {
    const part = rows.slice(from, from + size);
    await whenKnown(async () => {
      const answer = await graph.ask<Record<string, ImportAnswer>>(query, { input: { ...input, rows: part } });
      const [problem] = answer[mutation]!.problems;
      if (!problem) return;
      const where = `${mutation}, row ${from + problem.row}: ${JSON.stringify(part[problem.row])}`;
      throw new DomainError(problem.code, `${where}: ${problem.field} ${problem.message}`);
    });
  }
}

/** Does the work for each thing, a few at a time. */
export async function each<T>(things: readonly T[], work: (thing: T) => Promise<void>, atOnce = 8): Promise<void> {
  const waiting = [...things];
  const worker = async () => {
    for (let thing = waiting.shift(); thing !== undefined; thing = waiting.shift()) await work(thing);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Every node of a list, page by page; `connection` finds it in the answer. The query takes $after. */
export async function all<Data, Node>(
  graph: Graph,
  query: string,
  variables: Record<string, unknown>,
  connection: (data: Data) => Connection<Node> | null,
): Promise<Node[]> {
  const nodes: Node[] = [];
  for (let after: string | null = null; ; ) {
    const page: Connection<Node> | null = connection(await graph.ask<Data>(query, { ...variables, after }));
    nodes.push(...(page?.edges ?? []).map(({ node }) => node));
    if (!page?.pageInfo.hasNextPage) return nodes;
    after = page.pageInfo.endCursor;
  }
}
