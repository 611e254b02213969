/** How each table's rows are told to the graph. */
import type { Graph } from '../graph.client.js';
import type { Chunk } from './chunks.js';
import type { Judged, Problem } from './judge.js';
import { ELEMENTS, TABLES, type TableName } from './kinds.js';
import { coursesOf, findPeople, servicesOf } from './lookup.js';

export interface Outcome {
  readonly imported: number;
  readonly unchanged: number;
  readonly problems: readonly Problem[];
}

export interface Sender {
  /** How many chunks may be under way at once. */
  readonly width: number;
  /** The group of a row, with which it goes in one call, and the scope within which its key is unique; or its problem. */
  readonly placeOf: (row: Judged) => { group: string; scope: string } | Problem;
  readonly send: (chunk: Chunk, options: { validateOnly: boolean; idempotencyKey?: string }) => Promise<Outcome>;
}

interface Answer {
  readonly imported: number;
  readonly unchanged: number;
  readonly problems: readonly { row: number; field: string | null; code: string; message: string }[];
}

/** The sender for a table of an agency. */
export async function senderOf(table: TableName, graph: Graph, agencyId: string): Promise<Sender> {
  switch (table) {
    case 'units':
      return units(graph, agencyId);
    case 'employees':
      return plain('importEmployees', 'ImportEmployeesInput', table, graph, agencyId);
    case 'training':
      return training(graph, agencyId, await coursesOf(graph, agencyId));
    case 'survey':
      return survey(graph, await servicesOf(graph, agencyId));
    default:
      return table satisfies never;
  }
}

/** Calls a bulk mutation, and puts its problems at lines and columns of the file. */
async function call(
  graph: Graph,
  [mutation, inputType]: readonly [string, string],
  table: TableName,
  rows: readonly Judged[],
  input: Record<string, unknown>,
): Promise<Outcome> {
  const answer = await graph.ask<Record<string, Answer>>(
    `mutation Import($input: ${inputType}!) { ${mutation}(input: $input) { imported unchanged problems { row field code message } } }`,
    { input },
  );
  const { imported, unchanged, problems } = answer[mutation]!;
  return { imported, unchanged, problems: problems.map((problem) => placed(problem, table, rows)) };
}

function placed(
  { row, field, code, message }: Answer['problems'][number],
  table: TableName,
  rows: readonly Judged[],
): Problem {
  const own = field?.split('.').at(-1);
  const column = TABLES[table].columns.find((one) => one.field === own)?.name ?? null;
  return { line: rows[row]?.line ?? 0, column, code, message };
}

const NOWHERE = { group: '', scope: '' };

function plain(mutation: string, inputType: string, table: TableName, graph: Graph, agencyId: string): Sender {
  return {
    width: 1, // rows of one chunk make the positions that rows of the next one find
    placeOf: () => NOWHERE,
    send: ({ rows }, options) =>
      call(graph, [mutation, inputType], table, rows, { agencyId, rows: rows.map(({ value }) => value), ...options }),
  };
}

/**
 * A unit may hang under one of an earlier chunk, which is not there yet while the table is only being validated: the
 * graph is then not asked for that parent. Whether it exists is known, for it stands in the file.
 */
function units(graph: Graph, agencyId: string): Sender {
  const earlier = new Set<unknown>();
  const sender = plain('importUnits', 'ImportUnitsInput', 'units', graph, agencyId);
  return {
    ...sender,
    async send(chunk, options) {
      if (!options.validateOnly) return sender.send(chunk, options);
      const known = new Set(earlier);
      for (const { value } of chunk.rows) earlier.add(value['code']);
      const rows = chunk.rows.map(({ line, value }) =>
        known.has(value['parentCode']) ? { line, value: { ...value, parentCode: null } } : { line, value },
      );
      return sender.send({ ...chunk, rows }, options);
    },
  };
}

/** The table names people by identity numbers, which the service that keeps trainings does not know. */
function training(graph: Graph, agencyId: string, courses: ReadonlyMap<string, string>): Sender {
  const find = findPeople(graph, agencyId);
  const tell = plain('importTrainingRecords', 'ImportTrainingRecordsInput', 'training', graph, agencyId);
  return {
    width: 3,
    placeOf: ({ line, value }) => {
      const provider = courses.get(String(value['courseCode']));
      if (provider !== undefined) return { group: '', scope: provider };
      const message = `The agency's catalogue has no course with the code "${value['courseCode']}".`;
      return { line, column: 'course_code', code: 'COURSE_NOT_FOUND', message };
    },
    async send(chunk, options) {
      const people = await find(chunk.rows.map(({ value }) => String(value['nip'])));
      const known: Judged[] = [];
      const unknown: Problem[] = [];
      for (const { line, value } of chunk.rows) {
        const { nip, verified, ...rest } = value;
        const employeeId = people.get(String(nip));
        if (employeeId) known.push({ line, value: { ...rest, employeeId, verified: verified ?? true } });
        else
          unknown.push({
            line,
            column: 'nip',
            code: 'EMPLOYEE_NOT_FOUND',
            message: 'The agency has nobody with this number. Import the person first.',
          });
      }
      if (known.length === 0 || (unknown.length > 0 && !options.validateOnly))
        return { imported: 0, unchanged: 0, problems: unknown };
      const outcome = await tell.send({ ...chunk, rows: known }, options);
      return { ...outcome, problems: [...unknown, ...outcome.problems] };
    },
  };
}

/** Forms go to their service, which the table names by its code. */
function survey(graph: Graph, services: ReadonlyMap<string, string>): Sender {
  return {
    width: 2,
    placeOf: ({ line, value }) => {
      const service = services.get(String(value['serviceCode']));
      if (service) return { group: service, scope: '' };
      const message = `The agency has no public service with the code "${value['serviceCode']}".`;
      return { line, column: 'service_code', code: 'SERVICE_NOT_FOUND', message };
    },
    send: ({ group, rows }, options) =>
      call(graph, ['importSurveyResponses', 'ImportSurveyResponsesInput'], 'survey', rows, {
        serviceId: group,
        rows: rows.map(({ value }) => ({
          batchCode: value['batchCode'],
          number: value['number'],
          answeredOn: value['answeredOn'],
          answers: Object.fromEntries(ELEMENTS.map((element) => [element, value[element]])),
        })),
        ...options,
      }),
  };
}
