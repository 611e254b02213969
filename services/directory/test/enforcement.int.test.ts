import { buildGraph } from '@merit/chassis/api/graph';
import { PUBLIC, type Viewer } from '@merit/chassis/api/viewer';
import { chassisMigrations } from '@merit/chassis/database';
import { deliver } from '@merit/chassis/in/consumer';
import { testDatabase, testGraph } from '@merit/chassis/testing';
import { Role } from '@merit/proto/personnel';
import { enforceAccess } from '../src/access.js';
import { directoryMigrations, directorySubscription } from '../src/directory.js';
import { as, grant, id, town } from './town.js';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])`;
const typeDefs = `${LINK}
  type Query @access(to: [STAFF]) {
    employee(id: ID!, withArchive: Boolean = false @access(to: [ADMIN])): Employee
    units: [Unit!]! @access(to: [PUBLIC])
    complaints(unitId: ID!): [String!] @access(to: [OFFICER], unit: "unitId")
    search(filter: Filter!): Int
    levels: [Level!]
    broken: Int
  }
  type Mutation @access(to: [STAFF]) {
    rate(input: RateInput!): Int
    hire(input: HireInput!): Int @access(to: [HR], agency: "input.agencyId")
  }
  input Filter { name: String, nip: String @access(to: [HR], agency: "agencyId"), nested: [Filter!], level: Level }
  input RateInput { employeeId: ID!, level: Level! }
  input HireInput { agencyId: ID!, name: String! }
  enum Level { GOOD BAD SECRET @access(to: [ADMIN]) }

  type Employee @key(fields: "id") @access(to: [STAFF], employee: "id") {
    id: ID!
    name: String!
    nip: String @access(to: [SELF, HR])
    learning: Learning @access(to: [SELF, SUPERVISOR, HR])
    notes: [Note!] @access(to: [SELF])
    level: Level @access(to: [SELF, SUPERVISOR])
    team: [Employee!]
  }
  type Learning @access(to: [INHERIT]) { hours: Int!, mentor: String @access(to: [ADMIN]) }
  type Note @key(fields: "id") @access(to: [SELF], employee: "employeeId") { id: ID!, text: String }
  type Unit @access(to: [PUBLIC]) { name: String!, head: Employee @access(to: [STAFF]) }
`;

const person = (name: string) => ({
  id: id(name),
  name,
  nip: `nip of ${name}`,
  learning: { hours: 12, mentor: 'x' },
  level: name === 'rekan' ? 'SECRET' : 'GOOD',
});
const resolvers = {
  Query: {
    employee: (_: unknown, args: { id: string }) => ({ ...person('staf'), id: args.id }),
    units: () => [{ name: 'seksi', head: person('kasi') }],
    complaints: () => ['late'],
    search: () => 1,
    levels: () => ['GOOD', 'SECRET'],
    broken: () => {
      throw new Error('secret host db-3');
    },
  },
  Mutation: { rate: () => 1, hire: () => 1 },
  Employee: {
    __resolveReference: ({ id }: { id: string }) => ({ id, name: 'referred', nip: 'nip', level: 'GOOD' }),
    notes: ({ id: employeeId }: { id: string }) => [{ id: id('note'), employeeId, text: 'mine' }],
    team: () => ['staf', 'rekan'].map(person),
  },
  Note: { __resolveReference: (key: { id: string }) => ({ ...key, employeeId: id('staf'), text: 'mine' }) },
};

const database = testDatabase({ entities: [], migrations: [chassisMigrations, directoryMigrations] });
beforeAll(() =>
  deliver(
    database.db,
    [directorySubscription],
    [
      ...town(),
      grant('officer', Role.OFFICER, { agencyId: id('kota'), unitId: id('dinas') }),
      grant(id('admin'), Role.ADMIN),
    ],
  ),
);
const over = { now: () => new Date('2026-06-15T05:00:00Z') };
const ask = testGraph({ db: database, typeDefs, resolvers, protect: enforceAccess, over });
const operator = (subject: string): Viewer => ({ kind: 'OPERATOR', subject });

const PERSON = 'query ($id: ID!) { employee(id: $id) { id name nip learning { hours } } }';
const STAF = { id: id('staf') };
/** What was denied, by path. */
const denied = (errors: { path: unknown[]; extensions: { code: string } }[] = []) =>
  Object.fromEntries(errors.map(({ path, extensions }) => [path.join('.'), extensions.code]));

describe('a field', () => {
  test.each([
    ['staf', 'nip of staf', { hours: 12 }, {}],
    ['hr kota', 'nip of staf', { hours: 12 }, {}],
    ['kadis', null, { hours: 12 }, { 'employee.nip': 'FORBIDDEN' }],
    ['rekan', null, null, { 'employee.nip': 'FORBIDDEN', 'employee.learning': 'FORBIDDEN' }],
    ['hr kab', null, null, { 'employee.nip': 'FORBIDDEN', 'employee.learning': 'FORBIDDEN' }],
  ])('is there for those who may see it, else null and FORBIDDEN: %s', async (name, nip, learning, expected) => {
    const { data, errors } = await ask(as(name), PERSON, STAF);
    expect(data).toEqual({ employee: { ...STAF, name: 'staf', nip, learning } });
    expect(denied(errors)).toEqual(expected);
  });

  test('that is denied says what to do, and nothing more', async () => {
    const { errors } = await ask(as('kadis'), PERSON, STAF);
    expect(errors).toEqual([
      {
        message: 'You may not see or do this. Ask the personnel office if you should.',
        locations: [{ line: 1, column: 48 }],
        path: ['employee', 'nip'],
        extensions: { code: 'FORBIDDEN', params: {} },
      },
    ]);
  });

  test('without a rule of its own has its type’s', async () => {
    const { data, errors } = await ask(PUBLIC, '{ units { name head { name } } employee(id: "x") { id } }');
    expect(data).toEqual({ units: [{ name: 'seksi', head: null }], employee: null });
    expect(denied(errors)).toEqual({ 'units.0.head': 'FORBIDDEN', employee: 'FORBIDDEN' });
  });

  test('of a part is judged where the part was reached, unless it has a rule of its own', async () => {
    const query = 'query ($id: ID!) { employee(id: $id) { learning { hours mentor } } }';
    const { data, errors } = await ask(as('staf'), query, STAF);
    expect(data.employee).toEqual({ learning: { hours: 12, mentor: null } });
    expect(denied(errors)).toEqual({ 'employee.learning.mentor': 'FORBIDDEN' });
  });

  test('is judged for each object by itself', async () => {
    const { data } = await ask(as('staf'), 'query ($id: ID!) { employee(id: $id) { team { nip } } }', STAF);
    expect(data.employee.team).toEqual([{ nip: 'nip of staf' }, { nip: null }]);
  });

  test('that fails hides why', async () => {
    const { errors } = await ask(as('staf'), '{ broken }');
    expect(errors).toMatchObject([
      { path: ['broken'], extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'test' } },
    ]);
    expect(JSON.stringify(errors)).not.toContain('db-3');
  });
});

describe('a reference to an entity', () => {
  const QUERY = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on Employee { id name nip level } ... on Note { id text } }
  }`;
  const of = (__typename: string, name: string) => ({ __typename, id: id(name) });

  test('goes through the same rules', async () => {
    const { data, errors } = await ask(as('staf'), QUERY, {
      representations: [of('Employee', 'staf'), of('Employee', 'rekan')],
    });
    expect(data._entities).toEqual([
      { id: id('staf'), name: 'referred', nip: 'nip', level: 'GOOD' },
      { id: id('rekan'), name: 'referred', nip: null, level: null },
    ]);
    expect(denied(errors)).toEqual({ '_entities.1.nip': 'FORBIDDEN', '_entities.1.level': 'FORBIDDEN' });
  });

  test('gives its key to whoever may see any of its fields, and to nobody else', async () => {
    const note = { representations: [of('Note', 'note')] };
    expect((await ask(as('staf'), QUERY, note)).data._entities).toEqual([{ id: id('note'), text: 'mine' }]);
    const { data, errors } = await ask(as('rekan'), QUERY, note);
    expect(data._entities).toEqual([null]);
    expect(denied(errors)).toMatchObject({ '_entities.0.id': 'FORBIDDEN' });
  });

  test('of an unknown type is an error without the inside', async () => {
    const { errors } = await ask(as('staf'), QUERY, { representations: [{ __typename: 'Filter', id: '1' }] });
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  });
});

describe('a root field', () => {
  test('may be judged by its arguments', async () => {
    const query = 'query ($unitId: ID!) { complaints(unitId: $unitId) }';
    expect((await ask(operator('officer'), query, { unitId: id('seksi') })).data).toEqual({ complaints: ['late'] });
    expect(denied((await ask(operator('officer'), query, { unitId: id('kecamatan') })).errors)).toEqual({
      complaints: 'FORBIDDEN',
    });
    expect(denied((await ask(operator('officer'), query, { unitId: 'x' })).errors)).toEqual({
      complaints: 'INVALID_ID',
    });
  });

  test('also of a mutation, inside its input', async () => {
    const query = 'mutation ($input: HireInput!) { hire(input: $input) }';
    const input = (agency: string) => ({ input: { agencyId: id(agency), name: 'x' } });
    expect((await ask(as('hr kota'), query, input('kota'))).data).toEqual({ hire: 1 });
    expect(denied((await ask(as('hr kota'), query, input('kabupaten'))).errors)).toEqual({ hire: 'FORBIDDEN' });
  });
});

describe('a rule of an argument, an input field or an enum value', () => {
  const search = (viewer: Viewer, filter: object) =>
    ask(viewer, 'query ($filter: Filter!) { search(filter: $filter) }', { filter }).then(({ errors }) =>
      denied(errors),
    );

  test('holds for whoever uses it', async () => {
    const query = 'query ($id: ID!, $all: Boolean) { employee(id: $id, withArchive: $all) { name } }';
    expect((await ask(as('staf'), query, STAF)).errors).toBeUndefined();
    expect(denied((await ask(as('staf'), query, { ...STAF, all: true })).errors)).toEqual({ employee: 'FORBIDDEN' });
    expect((await ask(as('admin'), query, { ...STAF, all: true })).errors).toBeUndefined();
  });

  test('holds wherever it stands in an input', async () => {
    expect(await search(as('staf'), { name: 'x', level: 'GOOD', nested: [{ name: 'y' }] })).toEqual({});
    expect(await search(as('staf'), { nip: '1985' })).toEqual({ search: 'FORBIDDEN' });
    expect(await search(as('staf'), { nested: [{ name: 'y' }, { nested: [{ nip: '1985' }] }] })).toEqual({
      search: 'FORBIDDEN',
    });
    expect(await search(as('staf'), { nested: [{ level: 'SECRET' }] })).toEqual({ search: 'FORBIDDEN' });
    expect(await search(as('admin'), { nested: [{ level: 'SECRET' }] })).toEqual({});
  });

  test('holds for an enum value in an answer', async () => {
    expect(denied((await ask(as('staf'), '{ levels }')).errors)).toEqual({ levels: 'FORBIDDEN' });
    expect((await ask(as('admin'), '{ levels }')).data).toEqual({ levels: ['GOOD', 'SECRET'] });
    const team = await ask(as('kasi'), 'query ($id: ID!) { employee(id: $id) { team { level } } }', STAF);
    expect(team.data.employee.team).toEqual([{ level: 'GOOD' }, { level: null }]);
  });
});

describe('a schema that leaves something open stops the service at its start', () => {
  const start = (sdl: string) => () =>
    buildGraph({
      typeDefs: `${LINK} type Query @access(to: [PUBLIC]) { a: Int } ${sdl}`,
      resolvers: {},
      protect: enforceAccess,
    });

  test.each([
    ['type A { b: Int }', 'A.b has no @access rule'],
    ['interface A { b: Int }', 'A.b has no @access rule'],
    ['type Mutation { b: Int }', 'Mutation.b has no @access rule'],
    ['type A { b: Int @access(to: []) }', 'A.b is for nobody'],
    ['type A { b: Int @access(to: [INHERIT, HR], agency: "x") }', 'A.b cannot be judged both'],
    ['type A { b: Int @access(to: [SELF]) }', 'A.b is for SELF or SUPERVISOR: @access must name employee'],
    ['type A { b: Int @access(to: [SELF], unit: "x") }', 'A.b is for SELF or SUPERVISOR: @access must name employee'],
    ['type A { b: Int @access(to: [OFFICER], agency: "x") }', 'A.b is for OFFICER: @access must name unit'],
    ['type A { b: Int @access(to: [HR]) }', 'A.b has a relational audience: @access must name'],
    ['type A @access(to: [HR], agency: "x") { b: Int! }', 'A.b has a relational audience and must be nullable'],
    ['type A @key(fields: "id") @access(to: [INHERIT]) { id: ID! }', 'A is an entity'],
    ['extend type Query { b(c: ID): Int @access(to: [HR], agency: "d") }', 'Query.b is judged by its argument d'],
    ['enum Level { A @access(to: [NOBODY]) }', 'Level.A'],
  ])('%s', (sdl, message) => {
    expect(start(sdl)).toThrow(message);
  });

  test.each([
    'type A @access(to: [PUBLIC]) { b: Int! }',
    'type A @access(to: [STAFF]) { b: Int! }',
    'type A @access(to: [SELF, PUBLIC], employee: "id") { b: Int! }',
    'type A @access(to: [INHERIT]) { b: Int! }',
    'type A @key(fields: "id") @access(to: [SELF], employee: "x") { id: ID!, b: Int }',
    'extend type Query { b(unitId: ID): Int @access(to: [HR], unit: "unitId") }',
    'input A { b: Int } enum C { D }',
  ])('but not %s', (sdl) => {
    expect(start(sdl)).not.toThrow();
  });

  test('and so does a resolver of a field that is not there', () => {
    const graph = (resolvers: object) => () => buildGraph({ typeDefs, resolvers, protect: enforceAccess });
    expect(graph({ Employe: {} })).toThrow('Employe');
    expect(graph({ Employee: { nam: () => 1 } })).toThrow('Employee.nam');
  });
});

test('a parent without the id that its fields are judged by is a fault that is seen, not a silent no', async () => {
  const faulty = testGraph({
    db: database,
    typeDefs,
    resolvers: { Query: { employee: () => ({ name: 'x' }) } },
    protect: enforceAccess,
  });
  const { errors } = await faulty(as('staf'), '{ employee(id: "x") { nip } }');
  expect(errors).toMatchObject([{ path: ['employee', 'nip'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
});
