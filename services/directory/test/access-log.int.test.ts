import { fromBinary, toJson } from '@bufbuild/protobuf';
import { PUBLIC, type Viewer } from '@merit/chassis/api/viewer';
import { chassisMigrations } from '@merit/chassis/database';
import { deliver } from '@merit/chassis/in/consumer';
import { outboxOf, testDatabase, testGraph } from '@merit/chassis/testing';
import { AccessRecordedSchema } from '@merit/proto/access';
import { AgreementSignedSchema, Role } from '@merit/proto/personnel';
import { enforceAccess } from '../src/access.js';
import { removeOldReads } from '../src/access-log.js';
import { directoryMigrations, directorySubscription } from '../src/directory.js';
import { as, employee, event, grant, holds, id, town } from './town.js';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])`;
const typeDefs = `${LINK}
  type Query @access(to: [STAFF, ADMIN]) {
    employee(id: ID!): Employee
    team: [Employee!]
    crowd: [Employee!]
    unit: Unit @access(to: [PUBLIC])
  }
  type Mutation @access(to: [STAFF]) { rename(id: ID!): Payload! }
  type Payload @access(to: [INHERIT]) { employee: Employee }
  type Unit @access(to: [PUBLIC]) { id: ID!, name: String, survey: Int @access(to: [HR], unit: "id") }
  type Employee @key(fields: "id") @access(to: [STAFF], employee: "id") {
    id: ID!
    name: String
    nip: String @access(to: [SELF, HR])
    hours: Int @access(to: [SELF, SUPERVISOR, HR, AUDITOR, PARTNER])
    grants: Int @access(to: [SELF, HR, ADMIN])
    plan: Plan @access(to: [SELF, SUPERVISOR, HR])
  }
  type Plan @key(fields: "id") @access(to: [SELF, SUPERVISOR, HR], employee: "employeeId") { id: ID!, goal: String }
`;
const NIP = '199001012015011900';
const person = (employeeId: string) => ({
  id: employeeId,
  name: 'someone',
  nip: NIP,
  hours: 12,
  grants: 1,
  plan: { id: id('plan'), employeeId, goal: 'secret goal' },
});
const CROWD = Array.from({ length: 1_001 }, (_, n) => `crowd ${n}`);
const resolvers = {
  Query: {
    employee: (_: unknown, { id: employeeId }: { id: string }) => person(employeeId),
    team: () => ['staf', 'rekan'].map((name) => person(id(name))),
    crowd: () => CROWD.map((name) => person(id(name))),
    unit: () => ({ id: id('seksi'), name: 'seksi', survey: 4 }),
  },
  Mutation: { rename: (_: unknown, { id: employeeId }: { id: string }) => ({ employee: person(employeeId) }) },
  Employee: { __resolveReference: ({ id: employeeId }: { id: string }) => person(employeeId) },
  Plan: { __resolveReference: (key: { id: string }) => ({ ...key, employeeId: id('staf'), goal: 'secret goal' }) },
};

const database = testDatabase({ entities: [], migrations: [chassisMigrations, directoryMigrations] });
beforeAll(() =>
  deliver(
    database.db,
    [directorySubscription],
    [
      ...town(),
      ...CROWD.map((name) => employee(name, 'kota')),
      holds('auditor', 'dinas'),
      grant('admin', Role.ADMIN),
      event(AgreementSignedSchema, {
        agreementId: id('agreement'),
        clientId: 'partner',
        agencyId: id('kota'),
        employeeIds: [id('staf')],
        validFrom: '2020-01-01',
      }),
    ],
  ),
);
/** Rows cannot be removed, so each test looks at those of its own request. */
let requests = 0;
const NOW = new Date('2026-06-15T05:00:00Z');
async function ask(viewer: Viewer, query: string, variables: object = {}, over: object = {}) {
  requests += 1;
  const requestId = `request-${requests}`;
  const graph = testGraph({
    db: database,
    typeDefs,
    resolvers,
    protect: enforceAccess,
    over: { now: () => NOW, requestId, ...over },
  });
  const answer = await graph(viewer, query, variables);
  return { ...answer, requestId };
}
const rowsOf = (requestId: string): Promise<Record<string, unknown>[]> =>
  database.db.query(
    `select id, at, operation, viewer, role, unit_id as unit, agency_id as agency, purpose, type, fields, persons
       from access_log where request_id = $1 order by type, role, cardinality(persons) desc`,
    [requestId],
  );
const counts = async () => {
  const [row] = await database.db.query(
    'select (select count(*)::int from access_log) as rows, (select count(*)::int from outbox) as events',
  );
  return row;
};
const admin: Viewer = { kind: 'OPERATOR', subject: 'admin' };
const PERSON = 'query Person($id: ID!) { employee(id: $id) { id name nip hours plan { id goal } } }';
const ENTITIES =
  'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Employee { hours } ... on Plan { goal } } }';

describe('what is granted of another person', () => {
  test('is one row a type, written before the answer leaves, and one event beside it', async () => {
    const { data, errors, requestId } = await ask(
      as('kasi'),
      PERSON,
      { id: id('staf') },
      { purpose: 'quarterly talk' },
    );
    expect(data.employee).toMatchObject({ nip: null, hours: 12, plan: { goal: 'secret goal' } });
    expect(errors?.map(({ path }) => path.join('.'))).toEqual(['employee.nip']);
    const rows = await rowsOf(requestId);
    const asking = {
      ...{ id: expect.any(String), at: NOW, operation: 'Person', viewer: `employee/${id('kasi')}`, role: 'SUPERVISOR' },
      ...{ unit: id('seksi'), agency: id('kota'), purpose: 'quarterly talk', persons: [id('staf')] },
    };
    expect(rows).toEqual([
      { ...asking, type: 'Employee', fields: ['hours', 'plan'] },
      { ...asking, type: 'Plan', fields: ['goal', 'id'] },
    ]);
    for (const row of rows) {
      const [event, ...more] = await outboxOf(database.db, String(row['id']));
      expect([event?.type, event?.key, event?.seq, more]).toEqual([AccessRecordedSchema.typeName, row['id'], 1, []]);
      expect(toJson(AccessRecordedSchema, fromBinary(AccessRecordedSchema, event!.payload))).toEqual({
        ...{
          accessId: row['id'],
          employeeIds: [id('staf')],
          role: 'SUPERVISOR',
          type: row['type'],
          fields: row['fields'],
        },
        ...{
          unitId: id('seksi'),
          agencyId: id('kota'),
          purpose: 'quarterly talk',
          accessedAt: NOW.toISOString().replace('.000', ''),
        },
      });
    }
  });

  test.each([
    ['hr kota', as('hr kota'), '{ team { nip } }', 'HR', ['nip'], ['rekan', 'staf']],
    ['auditor', as('auditor'), '{ team { hours } }', 'AUDITOR', ['hours'], ['rekan', 'staf']],
    [
      'a higher supervisor',
      as('kadis'),
      '{ team { hours plan { __typename } } }',
      'SUPERVISOR',
      ['hours', 'plan'],
      ['rekan', 'staf'],
    ],
    ['an operator who is ADMIN', admin, '{ team { grants } }', 'ADMIN', ['grants'], ['rekan', 'staf']],
  ])(
    'names the audience that let them in, and all people in one row: %s',
    async (_, viewer, query, role, fields, people) => {
      const { requestId, errors } = await ask(viewer, query);
      expect(errors).toBeUndefined();
      expect(await rowsOf(requestId)).toMatchObject([{ role, type: 'Employee', fields, persons: people.map(id) }]);
    },
  );

  test('names the client of a partner agency, of those whom an agreement shares', async () => {
    const partner: Viewer = { kind: 'CLIENT', subject: 's', clientId: 'partner' };
    const of = ['staf', 'rekan'].map((name) => ({ __typename: 'Employee', id: id(name) }));
    const { data, requestId } = await ask(partner, ENTITIES, { of });
    expect(data._entities).toEqual([{ hours: 12 }, { hours: null }]);
    const rows = await rowsOf(requestId);
    expect(rows).toMatchObject([{ viewer: 'client/partner', role: 'PARTNER', unit: null, persons: [id('staf')] }]);
    const [told] = await outboxOf(database.db, String(rows[0]!['id']));
    expect(fromBinary(AccessRecordedSchema, told!.payload).clientId).toBe('partner');
  });

  test('is written of each person as it was read', async () => {
    const query = `{ a: employee(id: "${id('staf')}") { nip } b: employee(id: "${id('rekan')}") { nip hours } }`;
    const { requestId } = await ask(as('hr kota'), query);
    const rows = await rowsOf(requestId);
    expect(rows.map(({ fields, persons }) => [fields, persons])).toEqual(
      expect.arrayContaining([
        [['nip'], [id('staf')]],
        [['hours', 'nip'], [id('rekan')]],
      ]),
    );
  });

  test('is written where an entity is asked for straight, and in the payload of a change', async () => {
    const of = [
      { __typename: 'Employee', id: id('staf').toUpperCase() },
      { __typename: 'Plan', id: id('plan') },
    ];
    const straight = await ask(as('hr kota'), ENTITIES, { of });
    expect(await rowsOf(straight.requestId)).toMatchObject([
      { type: 'Employee', fields: ['hours'], persons: [id('staf')] },
      { type: 'Plan', fields: ['goal'], persons: [id('staf')] },
    ]);
    const changed = await ask(as('hr kota'), 'mutation ($id: ID!) { rename(id: $id) { employee { nip } } }', {
      id: id('staf'),
    });
    expect(await rowsOf(changed.requestId)).toMatchObject([{ type: 'Employee', role: 'HR', fields: ['nip'] }]);
  });

  test('takes no more statements for many people, and at most 1,000 of them a row', async () => {
    let seen = 0;
    const counter = {
      beforeQuery: () => {
        seen += 1;
      },
    };
    const counted = async (document: string) => {
      seen = 0;
      database.db.subscribers.push(counter);
      const { requestId } = await ask(as('hr kota'), document);
      database.db.subscribers.splice(database.db.subscribers.indexOf(counter), 1);
      return { requestId, statements: seen };
    };
    const few = await counted(`{ employee(id: "${id('staf')}") { nip } }`);
    const many = await counted('{ crowd { nip } }');
    expect(few.statements).toBeLessThan(12);
    expect(many.statements - few.statements).toBeLessThanOrEqual(1); // 1,001 people are judged in two reads
    expect((await rowsOf(many.requestId)).map(({ persons }) => (persons as string[]).length)).toEqual([1_000, 1]);
  });
});

describe('nothing is written', () => {
  test.each<[string, Viewer, string]>([
    ['of oneself', as('staf'), `{ employee(id: "${id('staf')}") { nip hours plan { goal } } }`],
    ['of what colleagues may see', as('rekan'), '{ team { id name } }'],
    ['of what is denied', as('rekan'), '{ team { nip hours plan { goal } grants } }'],
    ['by the public', PUBLIC, '{ unit { name survey } team { nip } }'],
    ['by a partner without an agreement', { kind: 'CLIENT', subject: 's', clientId: 'bps' }, '{ team { hours } }'],
    ['of what is about a unit', as('hr kota'), '{ unit { survey } }'],
    ['of a key that colleagues see', as('hr kota'), '{ team { id } }'],
    ['for a request that is none', as('hr kota'), '{ team { nope } }'],
  ])('%s', async (_, viewer, query) => {
    const before = await counts();
    await ask(viewer, query);
    expect(await counts()).toEqual(before);
  });
});

describe('no log, no answer', () => {
  const breaking = async (sql: string, mend: string, run: () => Promise<void>) => {
    await database.db.query(sql);
    await run().finally(() => database.db.query(mend));
  };
  const refused = async () => {
    const { data, errors } = await ask(as('kasi'), PERSON, { id: id('staf') });
    expect(data).toBeUndefined();
    expect(errors?.map(({ extensions, message }) => [extensions.code, message])).toEqual([
      ['ACCESS_NOT_LOGGED', expect.stringContaining('held back')],
    ]);
  };

  test('where the row cannot be written, no part of the answer leaves', () =>
    breaking('alter table access_log rename to away', 'alter table away rename to access_log', async () => {
      await refused();
      const own = await ask(as('staf'), PERSON, { id: id('staf') });
      expect(own.data.employee.hours).toBe(12); // nothing to write
    }));

  test('where the event cannot be written, neither is the row', async () => {
    const before = await counts();
    await breaking('alter table event_sequence rename to away', 'alter table away rename to event_sequence', refused);
    expect(await counts()).toEqual(before);
  });
});

describe('a row stays as it is', () => {
  test.each([
    'update access_log set persons = array[gen_random_uuid()]',
    'delete from access_log',
    'truncate access_log',
  ])('%s is refused', async (statement) => {
    await ask(as('kasi'), PERSON, { id: id('staf') });
    const before = await counts();
    await expect(database.db.query(statement)).rejects.toThrow('access_log is append-only');
    expect(await counts()).toEqual(before);
  });

  test('until its time is over; then it goes, and what numbered its event', async () => {
    const [{ days }] = await database.db.query('select days from access_log_retention');
    const old = new Date(Date.now() - (days + 1) * 86_400_000);
    const { requestId } = await ask(as('kasi'), PERSON, { id: id('staf') }, { now: () => old });
    const kept = await ask(as('kasi'), PERSON, { id: id('staf') }, { now: () => new Date() });
    const gone = await rowsOf(requestId);
    const ids = gone.map((row) => row['id']);
    await removeOldReads(database.db);
    expect([await rowsOf(requestId), (await rowsOf(kept.requestId)).length]).toEqual([[], 2]);
    expect(gone.length).toBeGreaterThan(0);
    const left = await database.db.query('select from event_sequence where aggregate_id = any($1)', [ids]);
    expect(left).toEqual([]);
  });

  test('a time below a year is none', () =>
    expect(database.db.query('update access_log_retention set days = 30')).rejects.toThrow('check constraint'));
});
