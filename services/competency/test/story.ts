/** The people and places of the integration tests, entered as personnel and performance would say them. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type DescMessage, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { deliver, type ReceivedEvent } from '@merit/chassis/consumer';
import { encode } from '@merit/chassis/outbox';
import { outboxOf, received, type TestGraph, testDatabase, testGraph } from '@merit/chassis/testing';
import type { Viewer } from '@merit/chassis/viewer';
import { enforceAccess } from '@merit/directory/access';
import {
  LearningHoursCountedSchema,
  TrainingCompletedSchema,
  TrainingCorrectedSchema,
  TrainingRevokedSchema,
} from '@merit/proto/competency';
import { CheckpointReachedSchema } from '@merit/proto/performance';
import {
  AgencyRegisteredSchema,
  AssignmentKind,
  EmployeeCorrectedSchema,
  EmployeeRegisteredSchema,
  EmployeeTransferredSchema,
  EmploymentKind,
  PositionAssignedSchema,
  Role,
  RoleGrantedSchema,
  UnitRegisteredSchema,
} from '@merit/proto/personnel';
import { v7 } from 'uuid';
import { subscriptions } from '../src/consumers.js';
import { entities, migrations } from '../src/database.js';
import { resolvers } from '../src/resolvers.js';

export const typeDefs = readFileSync(fileURLToPath(new URL('../schema.graphql', import.meta.url)), 'utf8');

/** A Monday in June, in the morning in Jakarta. */
export const NOW = new Date('2026-06-15T03:00:00Z');
const here = { now: () => NOW, newId: () => v7() };

export const employee = (employeeId: string): Viewer => ({
  kind: 'EMPLOYEE',
  subject: `token of ${employeeId}`,
  employeeId,
});

export interface Story {
  readonly db: ReturnType<typeof testDatabase>['db'];
  readonly graph: TestGraph;
  /** Lets events of others arrive, in one chunk. */
  readonly arrive: (...events: ReceivedEvent[]) => Promise<void>;
  /** What was published since the last call, each with its message. */
  readonly published: () => Promise<{ type: string; aggregateId: string; seq: number; key: string; message: any }[]>;
}

/** A database and a graph for a test file. */
export function story(over: { poolSize?: number } = {}): Story {
  const database = testDatabase({ entities, migrations, ...over });
  const graph = testGraph({ db: database, typeDefs, resolvers, protect: enforceAccess, over: { now: () => NOW } });
  let seen = 0;
  return {
    get db() {
      return database.db;
    },
    graph,
    arrive: (...events) => deliver(database.db, subscriptions(here), events),
    published: async () => {
      const all = await outboxOf(database.db);
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh.map(({ type, aggregateId, seq, key, payload }) => ({
        type: type.replace('merit.competency.v1.', ''),
        aggregateId,
        seq,
        key,
        message: fromBinary(SCHEMAS.find(({ typeName }) => typeName === type)!, payload),
      }));
    },
  };
}

const SCHEMAS = [TrainingCompletedSchema, TrainingCorrectedSchema, TrainingRevokedSchema, LearningHoursCountedSchema];

const say = <S extends DescMessage>(schema: S, key: string, value: MessageInitShape<S>): ReceivedEvent =>
  received(schema.typeName, encode(schema, value), { key, occurredAt: NOW });

export const agencyRegistered = (agencyId: string, timeZone = 'Asia/Jakarta') =>
  say(AgencyRegisteredSchema, agencyId, { agencyId, name: 'Kota Binjai', timeZone });

type Kind = 'PNS' | 'CPNS' | 'PPPK' | 'PPPK_PARUH_WAKTU';
interface Person {
  readonly kind?: Kind;
  readonly serviceFrom?: string;
  readonly contractFrom?: string;
}

const facts = ({ kind = 'PNS', serviceFrom = '2015-01-01', contractFrom }: Person) => ({
  kind: EmploymentKind[kind],
  serviceFrom,
  ...(contractFrom ? { contractFrom } : {}),
});

export const employeeRegistered = (employeeId: string, agencyId: string, person: Person = {}) =>
  say(EmployeeRegisteredSchema, employeeId, { employeeId, agencyId, ...facts(person) });

export const employeeCorrected = (employeeId: string, person: Person) =>
  say(EmployeeCorrectedSchema, employeeId, { employeeId, ...facts(person) });

export const employeeTransferred = (employeeId: string, fromAgencyId: string, toAgencyId: string, validFrom: string) =>
  say(EmployeeTransferredSchema, employeeId, { employeeId, fromAgencyId, toAgencyId, validFrom });

export const officerNamed = (employeeId: string, agencyId: string) =>
  say(RoleGrantedSchema, employeeId, {
    grantId: randomUUID(),
    subject: employeeId,
    role: Role.HR,
    agencyId,
    validFrom: '2020-01-01',
  });

/** The first of the people leads the unit, the others work in it. */
export function unitWith(agencyId: string, people: readonly string[]): ReceivedEvent[] {
  const unitId = randomUUID();
  const registered = say(UnitRegisteredSchema, unitId, {
    unitId,
    agencyId,
    name: 'Dinas Kesehatan',
    validFrom: '2015-01-01',
  });
  const assigned = people.map((employeeId, i) =>
    say(PositionAssignedSchema, employeeId, {
      assignmentId: randomUUID(),
      employeeId,
      positionId: randomUUID(),
      unitId,
      leading: i === 0,
      kind: AssignmentKind.DEFINITIF,
      validFrom: '2015-01-01',
      recordedAt: timestampFromDate(NOW),
      positionTitle: 'Analis',
    }),
  );
  return [registered, ...assigned];
}

export const checkpointReached = (agencyId: string, checkpoint = '2026-01-01') =>
  say(CheckpointReachedSchema, agencyId, {
    periodId: randomUUID(),
    agencyId,
    checkpoint,
    year: Number(checkpoint.slice(0, 4)),
  });

/** An agency with its personnel officer, who has a colleague in it. */
export async function agencyWithOfficer({ arrive }: Story) {
  const [agencyId, officerId] = [randomUUID(), randomUUID()];
  await arrive(agencyRegistered(agencyId), employeeRegistered(officerId, agencyId), officerNamed(officerId, agencyId));
  return { agencyId, officerId, officer: employee(officerId) };
}

/** Someone employed by the agency. */
export async function someone({ arrive }: Story, agencyId: string, person: Person = {}): Promise<string> {
  const id = randomUUID();
  await arrive(employeeRegistered(id, agencyId, person));
  return id;
}
