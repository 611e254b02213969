/** A small agency to play stories in: its people, what others publish of them, and the graph as they meet it. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { PUBLIC, type Viewer } from '@merit/chassis/api/viewer';
import { deliver, type ReceivedEvent } from '@merit/chassis/in/consumer';
import { type By, encode } from '@merit/chassis/out/outbox';
import { received, type TestGraph, testDatabase, testGraph } from '@merit/chassis/testing';
import { enforceAccess } from '@merit/directory/access';
import { LearningHoursCountedSchema } from '@merit/proto/competency';
import { ComplaintResolvedSchema, SatisfactionMeasuredSchema, ServiceRegisteredSchema } from '@merit/proto/feedback';
import {
  AgencyRegisteredSchema,
  AssignmentKind,
  AvailabilityRecordedSchema,
  EmployeeRegisteredSchema,
  EmploymentKind,
  PositionAssignedSchema,
  type Role,
  RoleGrantedSchema,
  ServiceAssignedSchema,
  UnitRegisteredSchema,
} from '@merit/proto/personnel';
import type { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { subscriptions } from '../src/consumers.js';
import { entities, migrations } from '../src/database.js';
import { ELEMENTS } from '../src/policy/policy.js';
import { resolvers } from '../src/resolvers.js';
import { workOff } from '../src/score/backlog.commands.js';

export const typeDefs = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8');

export interface Scene {
  readonly database: { readonly db: DataSource };
  /** Moves the clock. */
  readonly at: (moment: string) => void;
  readonly by: By;
  readonly graph: TestGraph;
  /** Delivers events as the consumer would, and works off what follows from them. */
  readonly give: (...events: ReceivedEvent[]) => Promise<void>;
  readonly workOffAll: () => Promise<void>;
}

/** To be called at the top of a test file: a database of its own, and a clock that stands at a moment. */
export function scene(start = '2026-06-15T03:00:00Z'): Scene {
  const database = testDatabase({ entities, migrations });
  let now = new Date(start);
  const clock = { now: () => now, newId: () => v7() };
  const by: By = { ...clock, actor: 'system', traceparent: null };
  const workOffAll = async () => {
    while (await workOff(database.db, by));
  };
  return {
    database,
    by,
    at: (moment) => {
      now = new Date(moment);
    },
    graph: testGraph({
      db: database,
      typeDefs,
      resolvers,
      protect: enforceAccess,
      firstAdmin: 'admin',
      over: { now: clock.now },
    }),
    give: async (...events) => {
      await deliver(database.db, subscriptions(clock), events);
      await workOffAll();
    },
    workOffAll,
  };
}

export const admin: Viewer = { kind: 'OPERATOR', subject: 'admin' };
export const operator = (subject: string): Viewer => ({ kind: 'OPERATOR', subject });
export const as = (employeeId: string) =>
  ({ kind: 'EMPLOYEE', subject: employeeId, employeeId }) as const satisfies Viewer;
export { PUBLIC };

/** An event of another service. */
export const event = <S extends DescMessage>(
  schema: S,
  message: MessageInitShape<S>,
  over: Partial<ReceivedEvent> = {},
): ReceivedEvent => received(schema.typeName, encode(schema, message), over);

const recordedAt = timestampFromDate(new Date('2020-01-01T00:00:00Z'));

export const agencyRegistered = (agencyId: string, timeZone = 'Asia/Jakarta') =>
  event(AgencyRegisteredSchema, { agencyId, name: 'Kota Binjai', timeZone });

export const unitRegistered = (unitId: string, agencyId: string, parentId?: string) =>
  event(UnitRegisteredSchema, {
    unitId,
    agencyId,
    name: 'Disdukcapil',
    validFrom: '2020-01-01',
    ...(parentId ? { parentId } : {}),
  });

export const employeeRegistered = (employeeId: string, agencyId: string, serviceFrom = '2020-01-01') =>
  event(EmployeeRegisteredSchema, { employeeId, agencyId, kind: EmploymentKind.PNS, serviceFrom });

export const positionAssigned = (
  employeeId: string,
  unitId: string,
  over: Partial<{ leading: boolean; kind: AssignmentKind; validFrom: string; assignmentId: string }> = {},
) =>
  event(PositionAssignedSchema, {
    assignmentId: randomUUID(),
    employeeId,
    positionId: randomUUID(),
    unitId,
    leading: false,
    kind: AssignmentKind.DEFINITIF,
    validFrom: '2020-01-01',
    recordedAt,
    positionTitle: 'Pelaksana',
    ...over,
  });

export const roleGranted = (subject: string, role: Role, agencyId: string) =>
  event(RoleGrantedSchema, { grantId: randomUUID(), subject, role, agencyId, validFrom: '2020-01-01' });

export const serviceAssigned = (
  employeeId: string,
  serviceId: string,
  validFrom = '2026-01-01',
  id: string = randomUUID(),
) => event(ServiceAssignedSchema, { serviceAssignmentId: id, employeeId, serviceId, validFrom });

export const away = (employeeId: string, awayFrom: string, awayTo: string, over = {}) =>
  event(AvailabilityRecordedSchema, {
    availabilityId: randomUUID(),
    employeeId,
    awayFrom,
    awayTo,
    cancelled: false,
    ...over,
  });

/** A ledger on which trainings of so many hours count in full. */
export const hoursCounted = (
  employeeId: string,
  ledgerId: string,
  hours: readonly number[],
  version = hours.length,
  eventType = '',
) =>
  event(LearningHoursCountedSchema, {
    ledgerId,
    employeeId,
    year: 2026,
    counted: String(hours.reduce((total, n) => total + n, 0)),
    entitlement: '20',
    version: BigInt(version),
    records: hours.map((n, index) => ({
      enrolmentId: `00000000-0000-7000-8000-00000000000${index}`,
      eventId: `00000000-0000-7000-8000-10000000000${index}`,
      eventType,
      hours: String(n),
      counted: String(n),
      reason: '',
      completedAt: timestampFromDate(new Date('2026-03-02T03:00:00Z')),
    })),
  });

export const serviceRegistered = (serviceId: string, unitId: string) =>
  event(ServiceRegisteredSchema, { serviceId, unitId, name: 'KTP-el' });

/** n answers with the same mean for each element. */
export const satisfactionMeasured = (
  serviceId: string,
  unitId: string,
  windowTo: string,
  respondents: number,
  mean: number,
  over: Partial<{ measurementId: string; supersedesId: string }> = {},
) =>
  event(SatisfactionMeasuredSchema, {
    measurementId: randomUUID(),
    serviceId,
    unitId,
    windowFrom: '2026-01-01',
    windowTo,
    respondents,
    elements: ELEMENTS.map((element) => ({ element, sum: BigInt(Math.round(respondents * mean)) })),
    ...over,
  });

export const complaintResolved = (serviceId: string, unitId: string, inTime: boolean, on = '2026-05-04') =>
  event(ComplaintResolvedSchema, {
    complaintId: randomUUID(),
    serviceId,
    unitId,
    handlerId: randomUUID(),
    resolvedAt: timestampFromDate(new Date(`${on}T03:00:00Z`)),
    dueAt: timestampFromDate(new Date(`${on}T02:00:00Z`)),
    workingMinutes: 60n,
    inTime,
  });

/** What an answer has, when it has no errors. */
export function dataOf<T>(answer: { data?: T; errors?: unknown[] }): NonNullable<T> {
  if (answer.errors) throw new Error(JSON.stringify(answer.errors, null, 2));
  return answer.data!;
}

export const SCORE = `
  query Score($id: ID!, $year: Int! = 2026) {
    _entities(representations: [{ __typename: "Employee", id: $id }]) {
      ... on Employee {
        score(year: $year) {
          value band coverage checkpoint asOf policy { version }
          parts { component weight attainment contribution note sources { eventId type quantity counted reason occurredAt actor { kind employee { id } } } }
        }
      }
    }
  }`;

/** A score without what tells when it was asked: to be compared. */
export async function scoreOf({ graph }: Scene, id: string, viewer: Viewer = as(id), year = 2026) {
  const answer = dataOf(await graph(viewer, SCORE, { id, year }));
  const [employee] = answer._entities;
  if (!employee?.score) return null;
  const { asOf: _, ...score } = employee.score;
  return score;
}

export const OPEN_PERIOD = `
  mutation Open($agencyId: ID!, $year: Int!) {
    openPeriod(input: { agencyId: $agencyId, year: $year }) { period { id year startsOn endsOn checkpoint closedOn agency { id } } }
  }`;

export const DRAFT_PLAN = `
  mutation Draft($input: DraftPlanInput!) {
    draftPlan(input: $input) { plan { id status version startsOn endsOn workResults { id title kind indicators { id name aspect target unit evidenceSource dueDates realised } } } }
  }`;
export const AGREE_PLAN = `
  mutation Agree($input: AgreePlanInput!) { agreePlan(input: $input) { plan { id status version agreedBy { id } agreedAt } } }`;
export const REPORT = `
  mutation Report($input: ReportRealisationInput!) { reportRealisation(input: $input) { realisation { id quantity replaced } } }`;

export const oneResult = (over: object = {}) => [
  {
    title: 'Dokumen kependudukan terbit',
    kind: 'UTAMA',
    indicators: [
      { name: 'Jumlah dokumen', aspect: 'QUANTITY', target: 120, unit: 'dokumen', evidenceSource: 'SIAK', ...over },
    ],
  },
];
