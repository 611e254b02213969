/** The people and places of the integration tests, entered as personnel and performance would say them. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type DescMessage, fromBinary, type JsonObject, type MessageInitShape, toJson } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Viewer } from '@merit/chassis/api/viewer';
import { deliver, type ReceivedEvent } from '@merit/chassis/in/consumer';
import { encode } from '@merit/chassis/out/outbox';
import { outboxOf, received, type TestGraph, testDatabase, testGraph } from '@merit/chassis/testing';
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
import { workOff } from '../src/hours/year.job.js';
import { resolvers } from '../src/resolvers.js';

export const typeDefs = readFileSync(fileURLToPath(new URL('../schema.graphql', import.meta.url)), 'utf8');

/** A Monday in June, in the morning in Jakarta. */
export const NOW = new Date('2026-06-15T03:00:00Z');
export const here = { now: () => NOW, newId: () => v7() };

export const employee = (employeeId: string): Viewer => ({
  kind: 'EMPLOYEE',
  subject: `token of ${employeeId}`,
  employeeId,
});

export const admin: Viewer = { kind: 'OPERATOR', subject: 'admin' };

export interface Story {
  readonly db: ReturnType<typeof testDatabase>['db'];
  readonly url: string;
  readonly graph: TestGraph;
  /** Lets events of others arrive, in one chunk, and works off what follows from them. */
  readonly arrive: (...events: ReceivedEvent[]) => Promise<void>;
  /** What was published since the last call, each with its message. */
  readonly published: () => Promise<
    { type: string; aggregateId: string; seq: number; key: string; message: JsonObject }[]
  >;
}

/** A database and a graph for a test file. */
export function story(over: { poolSize?: number } = {}): Story {
  const database = testDatabase({ entities, migrations, ...over });
  const graph = testGraph({
    ...{ db: database, typeDefs, resolvers, protect: enforceAccess, firstAdmin: 'admin' },
    over: { now: () => NOW },
  });
  let seen = 0;
  return {
    get db() {
      return database.db;
    },
    url: database.url,
    graph,
    arrive: async (...events) => {
      await deliver(database.db, subscriptions(here), events);
      while (await workOff(database.db, here));
    },
    published: async () => {
      const all = await outboxOf(database.db);
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh.map(({ type, aggregateId, seq, key, payload }) => ({
        type: type.replace('merit.competency.v1.', ''),
        aggregateId,
        seq,
        key,
        message: messageOf(type, payload),
      }));
    },
  };
}

const SCHEMAS = [TrainingCompletedSchema, TrainingCorrectedSchema, TrainingRevokedSchema, LearningHoursCountedSchema];

function messageOf(type: string, payload: Uint8Array): JsonObject {
  const schema: DescMessage = SCHEMAS.find(({ typeName }) => typeName === type)!;
  return toJson(schema, fromBinary(schema, payload)) as JsonObject;
}

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

/** What a test asks of the graph; each gives the answer whole, errors included. */
export const ask = {
  course: `mutation ($input: CreateCourseInput!) { createCourse(input: $input) { course { id } } }`,
  session: `mutation ($input: ScheduleSessionInput!) { scheduleSession(input: $input) { session { id } } }`,
  enrol: `mutation ($input: EnrolInput!) { enrol(input: $input) { enrolment { id status version } } }`,
  withdraw: `mutation ($input: WithdrawEnrolmentInput!) { withdrawEnrolment(input: $input) { enrolment { id status reason } } }`,
  complete: `mutation ($input: CompleteTrainingInput!) {
    completeTraining(input: $input) { enrolment { id status hours startsOn endsOn version } }
  }`,
  correct: `mutation ($input: CorrectTrainingInput!) {
    correctTraining(input: $input) { enrolment { id status hours version changes { kind reason hours } } }
  }`,
  revoke: `mutation ($input: RevokeTrainingInput!) {
    revokeTraining(input: $input) { enrolment { id status reason version changes { kind reason hours } } }
  }`,
  importTrainings: `mutation ($input: ImportTrainingRecordsInput!) {
    importTrainingRecords(input: $input) { imported unchanged problems { row field code } }
  }`,
  learning: `query ($id: ID!, $year: Int!) {
    _entities(representations: [{ __typename: "Employee", id: $id }]) {
      ... on Employee {
        learning(year: $year) {
          year hours recorded entitlement shortfall
          records(first: 10) { edges { node { course { title } hours counted reason status completedAt } } }
        }
      }
    }
  }`,
} as const;

/** The learning of a person in a year as one viewer sees it, with the codes of what was refused. */
export async function learningOf({ graph }: Story, viewer: Viewer, id: string, year = 2026) {
  const { data, errors } = await graph(viewer, ask.learning, { id, year });
  const learning = data?._entities?.[0]?.learning ?? null;
  return { learning, codes: (errors ?? []).map(({ extensions }) => extensions.code) };
}

let made = 0;
const next = () => {
  made += 1;
  return made;
};

/** A course of the officer's agency, and a session of it from 2 to 4 March. */
export async function sessionIn(
  { graph }: Story,
  { agencyId, officer }: { agencyId: string; officer: Viewer },
  over: object = {},
) {
  const { form, hours, ...session } = { form: 'BIMBINGAN_TEKNIS', hours: 40, ...over } as {
    form: string;
    hours: number;
  };
  const code = `C-${next()}`;
  const course = { agencyId, code, title: `Course ${code}`, form, hours, competency: 'M.05', provider: 'BKPSDM' };
  const courseId: string = (await graph(officer, ask.course, { input: course })).data.createCourse.course.id;
  const planned = { courseId, code: 'A', startsOn: '2026-03-02', endsOn: '2026-03-04', quota: 1000, ...session };
  const sessionId: string = (await graph(officer, ask.session, { input: planned })).data.scheduleSession.session.id;
  return { courseId, sessionId, courseCode: code, title: course.title };
}

/** A place in a session for someone, taken by the officer. */
export async function enrolled(
  { graph }: Story,
  officer: Viewer,
  sessionId: string,
  employeeId: string,
): Promise<string> {
  const { data } = await graph(officer, ask.enrol, { input: { sessionId, employeeId } });
  return data.enrol.enrolment.id;
}

/** A result that can be, for an enrolment in `sessionIn`. */
export const resultFor = (enrolmentId: string, over: object = {}) => ({
  input: { enrolmentId, hours: 16, certificateNumber: `B-${next()}`, completedAt: '2026-03-04T09:00:00Z', ...over },
});
