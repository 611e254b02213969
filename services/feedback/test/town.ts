/** A small town for the tests: its offices, its people and what they were granted, told by personnel's events. */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { PUBLIC, type Viewer } from '@merit/chassis/api/viewer';
import { deliver } from '@merit/chassis/in/consumer';
import { encode } from '@merit/chassis/out/outbox';
import { received, testDatabase, testGraph } from '@merit/chassis/testing';
import { enforceAccess } from '@merit/directory/access';
import {
  AgencyRegisteredSchema,
  AssignmentKind,
  EmployeeRegisteredSchema,
  EmploymentKind,
  PositionAssignedSchema,
  Role,
  RoleGrantedSchema,
  UnitRegisteredSchema,
} from '@merit/proto/personnel';
import type { DataSource, EntitySubscriberInterface } from 'typeorm';
import { subscriptions } from '../src/consumers.js';
import { entities, migrations } from '../src/database.js';
import { resolvers } from '../src/resolvers.js';

const employee = (employeeId: string): Viewer => ({ kind: 'EMPLOYEE', subject: employeeId, employeeId });

export const binjai = randomUUID();
export const simeulue = randomUUID();
export const jayapura = randomUUID();
export const units = {
  city: randomUUID(),
  disdukcapil: randomUUID(),
  diskominfo: randomUUID(),
  simeulue: randomUUID(),
  jayapura: randomUUID(),
};
const ids = {
  hr: randomUUID(),
  clerk: randomUUID(),
  head: randomUUID(),
  triage: randomUUID(),
  colleague: randomUUID(),
  system: randomUUID(),
};

export const people = {
  /** Personnel officer of Binjai, in Diskominfo. */
  hr: employee(ids.hr),
  /** Complaint officer of Disdukcapil, who works there. */
  clerk: employee(ids.clerk),
  /** Leads Disdukcapil, and is its complaint officer too. */
  head: employee(ids.head),
  /** Complaint officer of the whole city, in Diskominfo. */
  triage: employee(ids.triage),
  /** Works in Diskominfo, without any role. */
  colleague: employee(ids.colleague),
  /** HR and OFFICER in all agencies, and works in none of them. */
  system: employee(ids.system),
  /** Operator with ADMIN and OFFICER in Binjai, as when a system is filled. */
  filler: { kind: 'OPERATOR', subject: 'filler' } as Viewer,
  /** The first ADMIN. */
  admin: { kind: 'OPERATOR', subject: 'admin' } as Viewer,
  public: PUBLIC,
};
export const employeeIds = ids;

const agency = (agencyId: string, name: string, timeZone: string) =>
  tell(AgencyRegisteredSchema, { agencyId, name, timeZone });
const unit = (unitId: string, agencyId: string, name: string, parentId?: string) =>
  tell(UnitRegisteredSchema, { unitId, agencyId, name, validFrom: '2020-01-01', ...(parentId ? { parentId } : {}) });
const person = (employeeId: string, unitId: string, leading = false) => [
  tell(EmployeeRegisteredSchema, {
    employeeId,
    agencyId: binjai,
    kind: EmploymentKind.PNS,
    serviceFrom: '2020-01-01',
  }),
  tell(PositionAssignedSchema, {
    assignmentId: randomUUID(),
    employeeId,
    positionId: randomUUID(),
    unitId,
    leading,
    kind: AssignmentKind.DEFINITIF,
    validFrom: '2020-01-01',
    recordedAt: timestampFromDate(new Date('2020-01-01')),
    positionTitle: 'Pelaksana',
  }),
];
const grant = (subject: string, role: Role, agencyId: string, unitId?: string) =>
  tell(RoleGrantedSchema, {
    grantId: randomUUID(),
    subject,
    role,
    agencyId,
    validFrom: '2020-01-01',
    ...(unitId ? { unitId } : {}),
  });

const tell = <S extends DescMessage>(schema: S, value: MessageInitShape<S>) =>
  received(schema.typeName, encode(schema, value));

const history = [
  agency(binjai, 'Kota Binjai', 'Asia/Jakarta'),
  agency(simeulue, 'Kabupaten Simeulue', 'Asia/Jakarta'),
  agency(jayapura, 'Kota Jayapura', 'Asia/Jayapura'),
  unit(units.city, binjai, 'Kota Binjai'),
  unit(units.disdukcapil, binjai, 'Disdukcapil', units.city),
  unit(units.diskominfo, binjai, 'Diskominfo', units.city),
  unit(units.simeulue, simeulue, 'Disdukcapil Simeulue'),
  unit(units.jayapura, jayapura, 'Disdukcapil Jayapura'),
  ...person(ids.hr, units.diskominfo),
  ...person(ids.clerk, units.disdukcapil),
  ...person(ids.head, units.disdukcapil, true),
  ...person(ids.triage, units.diskominfo),
  ...person(ids.colleague, units.diskominfo),
  grant(ids.hr, Role.HR, binjai),
  grant(ids.clerk, Role.OFFICER, binjai, units.disdukcapil),
  grant(ids.head, Role.OFFICER, binjai, units.disdukcapil),
  grant(ids.triage, Role.OFFICER, binjai),
  grant('filler', Role.ADMIN, binjai),
  grant('filler', Role.OFFICER, binjai),
  ...[binjai, simeulue, jayapura].flatMap((id) => [
    grant(ids.system, Role.HR, id),
    grant(ids.system, Role.OFFICER, id),
  ]),
];

/** A key like a deployment's. */
export const key = Buffer.from('a key for tests, of at least 32 characters');
/** Who changes what no person did. */
export const bySystem = { actor: 'system', traceparent: null, newId: randomUUID };

/** The town's database, its graph, and a clock that a test may set. The clock stands at Monday noon in Binjai. */
export function feedbackTown() {
  const database = testDatabase({ entities, migrations });
  const clock = { now: new Date('2026-04-06T05:00:00Z') };
  beforeAll(() => deliver(database.db, subscriptions, history));
  const ask = testGraph({
    db: database,
    typeDefs: readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'),
    resolvers: resolvers(key),
    protect: enforceAccess,
    firstAdmin: 'admin',
    over: { now: () => clock.now },
  });
  return { database, clock, ask, ...stories(ask) };
}

type Ask = ReturnType<typeof testGraph>;

/** What many tests begin with. */
const stories = (ask: Ask) => ({
  /** Registers a service and answers its id. */
  async service(code: string, unitId = units.disdukcapil, viewer: Viewer = people.system): Promise<string> {
    const { data, errors } = await ask(
      viewer,
      `mutation ($input: RegisterServiceInput!) { registerService(input: $input) { service { id } } }`,
      { input: { unitId, code, name: `Layanan ${code}`, standards: [standard] } },
    );
    if (errors) throw new Error(JSON.stringify(errors));
    return data.registerService.service.id;
  },
});

export const standard = {
  name: 'Penerbitan baru',
  requirements: 'KTP\nKK',
  limit: { quantity: 1, unit: 'WORKING_DAYS' },
  fee: 0,
};

/** What went wrong, as `CODE field`. */
export const codes = ({ errors }: { errors?: { extensions: { code: string; field?: string } }[] }) =>
  errors?.map(({ extensions: { code, field } }) => (field ? `${code} ${field}` : code));

/** How many statements reach the database while something runs. */
export async function statementsOf(db: DataSource, run: () => Promise<unknown>): Promise<number> {
  let statements = 0;
  const counter: EntitySubscriberInterface = {
    beforeQuery() {
      statements += 1;
    },
  };
  db.subscribers.push(counter);
  await run();
  db.subscribers.splice(db.subscribers.indexOf(counter), 1);
  return statements;
}
