/** What the stories of this service share: its graph on a database of their own, and the people who act in them. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import type { Viewer } from '@merit/chassis/api/viewer';
import { outboxOf, testDatabase, testGraph } from '@merit/chassis/testing';
import { enforceAccess } from '@merit/directory/access';
import * as contract from '@merit/proto/personnel';
import { entities, migrations } from '../src/database.js';
import { resolvers } from '../src/resolvers.js';

/** Runs the system by configuration, and is no employee. */
export const SYSTEM: Viewer = { kind: 'OPERATOR', subject: 'system' };
export const employee = (employeeId: string) =>
  ({ kind: 'EMPLOYEE', subject: `sub-${employeeId}`, employeeId }) as const satisfies Viewer;
/** A personnel officer of whom nothing is known but the roles, so that no record is their own. */
export const OFFICER = employee(randomUUID());

/** The clock of all stories. */
export const TODAY = '2026-11-22';

let serial = 0;
/** A valid NIP, or NI PPPK with a frequency in place of the month. Each is new. */
export function newNip({ birth = '19850615', appointed = '201003', sex = '1' } = {}): string {
  serial += 1;
  const born = String(Number(birth) - Math.floor(serial / 900) * 10_000);
  return `${born}${appointed}${sex}${String((serial % 900) + 100)}`;
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has whatever shape its query asks for
type Answer = any;

export function personnel() {
  const database = testDatabase({ entities, migrations });
  const typeDefs = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8');
  const clock = { now: new Date(`${TODAY}T03:00:00Z`) };
  const over = { now: () => clock.now };
  const graph = testGraph({ db: database, typeDefs, resolvers, protect: enforceAccess, firstAdmin: 'system', over });

  const mutate = (viewer: Viewer, name: string, input: object, answer: string) => {
    const inputType = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
    return graph(viewer, `mutation Story($input: ${inputType}!) { ${name}(input: $input) { ${answer} } }`, { input });
  };
  /** Runs a mutation that must succeed; its payload. */
  const act = async (viewer: Viewer, name: string, input: object, answer: string): Promise<Answer> => {
    const { data, errors } = await mutate(viewer, name, input, answer);
    if (errors) throw new Error(`${name}: ${JSON.stringify(errors)}`);
    return data[name];
  };
  /** Runs a mutation that must be refused; with which code, and of which field. */
  const refused = async (viewer: Viewer, name: string, input: object): Promise<string> => {
    const { errors } = await mutate(viewer, name, input, '__typename');
    if (!errors) throw new Error(`${name} was not refused`);
    return [errors[0].extensions.code, errors[0].extensions.field].filter(Boolean).join(' ');
  };
  /** A query that must succeed. */
  const ask = async (viewer: Viewer, query: string, variables: object = {}): Promise<Answer> => {
    const { data, errors } = await graph(viewer, query, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };

  /** An agency with its officer. */
  const agency = async (): Promise<string> => {
    const { agency } = await act(SYSTEM, 'registerAgency', { name: `Kota ${randomUUID()}` }, 'agency { id }');
    const role = { subject: OFFICER.employeeId, role: 'HR', agencyId: agency.id, validFrom: '2020-01-01' };
    await act(SYSTEM, 'grantRole', role, 'grant { id }');
    return agency.id;
  };
  const unit = async (agencyId: string, over: object = {}): Promise<string> => {
    const input = { agencyId, code: randomUUID(), name: 'Dinas', kind: 'PERANGKAT_DAERAH', validFrom: '2015-01-01' };
    return (await act(OFFICER, 'registerUnit', { ...input, ...over }, 'unit { id }')).unit.id;
  };
  const position = async (unitId: string, over: object = {}): Promise<string> => {
    const input = { unitId, title: `Analis ${randomUUID()}`, kind: 'PELAKSANA', ...over };
    return (await act(OFFICER, 'createPosition', input, 'position { id }')).position.id;
  };
  const person = async (agencyId: string, over: object = {}): Promise<string> => {
    const input = { agencyId, name: 'Siti', nip: newNip(), kind: 'PNS', serviceFrom: '2015-03-01', ...over };
    return (await act(OFFICER, 'registerEmployee', input, 'employee { id }')).employee.id;
  };
  const assign = async (employeeId: string, positionId: string, over: object = {}): Promise<string> => {
    const decree = { decreeNumber: '800/1/2016', decreeDate: '2016-01-04' };
    const input = { employeeId, positionId, kind: 'DEFINITIF', validFrom: '2016-01-04', ...decree, ...over };
    return (await act(OFFICER, 'assignPosition', input, 'assignment { id }')).assignment.id;
  };
  /** The events of an aggregate in order: their short names and contents. */
  const events = async (aggregateId: string): Promise<[string, Answer][]> => {
    const rows = await outboxOf(database.db, aggregateId);
    return rows.map(({ type, payload }) => {
      const name = type.split('.').at(-1)!;
      const { $typeName: _, ...content } = fromBinary((contract as Answer)[`${name}Schema`], payload) as Answer;
      return [name, content];
    });
  };
  /** How many statements a piece of work sends to the database. */
  const statements = async (work: () => Promise<unknown>): Promise<number> => {
    let sent = 0;
    const { logger } = database.db;
    const counting = Object.assign(Object.create(logger), {
      logQuery: () => {
        sent += 1;
      },
    });
    Object.assign(database.db, { logger: counting });
    try {
      await work();
    } finally {
      Object.assign(database.db, { logger });
    }
    return sent;
  };

  return { database, clock, graph, act, refused, ask, agency, unit, position, person, assign, events, statements };
}
