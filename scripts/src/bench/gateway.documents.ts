/** What is asked in the bench, of each contender in the same words. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../start.plan.js';
import type { Ask } from './gateway.load.js';
import type { Subjects } from './gateway.subjects.js';

export interface Document {
  readonly name: string;
  readonly operationName: string;
  readonly text: string;
  /** Whether anyone may ask it; then Merit is asked at its public contract. */
  readonly open: boolean;
  /** Its name among the known documents of the public contract, by which Merit is asked for it. */
  readonly known?: string;
  /** Whether its answers may be compared by asking twice. */
  readonly changes: boolean;
  readonly asked: readonly { readonly token: string | null; readonly variables: Readonly<Record<string, unknown>> }[];
}

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const YEAR = 2026;

export function documentsFor({ people, teams, units, agencies, indicators }: Subjects): Document[] {
  const document = (name: string, operationName: string, file: string, rest: Partial<Document>): Document => ({
    ...{ name, operationName, text: read(file), open: false, changes: false, asked: [] },
    ...rest,
  });
  return [
    document('person', 'Person', 'gateway/graphiql/examples/person.graphql', {
      asked: people.map(({ id, token }) => ({ token, variables: { id } })),
    }),
    document('team of 25', 'Team', 'scripts/src/bench/documents/team.graphql', {
      asked: teams.map(({ id, token }) => ({ token, variables: { id } })),
    }),
    document('dashboard of a unit', 'Unit', 'gateway/graphiql/examples/unit.graphql', {
      asked: units.map((id, n) => ({ token: people[n % people.length]!.token, variables: { id } })),
    }),
    document('public page of a unit', 'UnitPage', 'gateway/documents/public/unit.graphql', {
      open: true,
      known: 'unit',
      asked: units.map((id) => ({ token: null, variables: { id, year: YEAR } })),
    }),
    document('public list of units', 'Units', 'gateway/documents/public/units.graphql', {
      open: true,
      // Many callers, who ask about a few agencies.
      asked: Array.from({ length: 2_000 }, (_, n) => ({
        token: null,
        variables: { agencyId: agencies[n % agencies.length]! },
      })),
    }),
    document('mutation: what was realised', 'Report', 'scripts/src/bench/documents/report.graphql', {
      changes: true,
      asked: indicators.map(({ id, token }) => ({
        token,
        variables: {
          input: { indicatorId: id, quantity: 0.01, realisedOn: `${YEAR}-02-10`, evidence: { text: 'laporan' } },
        },
      })),
    }),
  ];
}

/** As one that knows contracts and documents by name is asked (Merit), or as any other graph is. */
export function asksOf({ open, known, text, operationName, asked }: Document, merit: boolean): Ask[] {
  const address = `${merit && open ? '/public' : ''}/graphql`;
  return asked.map(({ token, variables }, n) => {
    // Each from another address, as the public comes.
    const from = { 'x-forwarded-for': `10.1.${Math.floor(n / 250)}.${n % 250}` };
    if (merit && known) {
      const query = `documentId=${known}&variables=${encodeURIComponent(JSON.stringify(variables))}`;
      return { method: 'GET', path: `${address}?${query}`, headers: from };
    }
    const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : from) };
    return { method: 'POST', path: address, headers, body: JSON.stringify({ query: text, variables, operationName }) };
  });
}
