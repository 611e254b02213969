/** What each contract tells of itself, against the whole graph: nobody learns a name that is not theirs. */
import { readFileSync } from 'node:fs';
import { PUBLIC, type Viewer } from '@merit/chassis/api/viewer';
import { createLog } from '@merit/chassis/log';
import {
  buildSchema,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { type ContractName, readContracts } from '../src/contracts.js';
import { startGateway } from '../src/server.js';
import { answerOf } from './small-graph.js';

const file = (name: string) => readFileSync(new URL(`../contracts/${name}`, import.meta.url), 'utf8');
const schemaOf = (name: ContractName) => buildSchema(file(`${name}.graphql`));
const staff = schemaOf('staff');

/** Everything that has a name: types, fields, arguments, input fields, enum values. */
function coordinatesOf(schema: GraphQLSchema): Set<string> {
  const all = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || (isScalarType(type) && type.astNode === undefined)) continue;
    all.add(type.name);
    if (isEnumType(type)) for (const { name } of type.getValues()) all.add(`${type.name}.${name}`);
    if (isInputObjectType(type)) for (const name of Object.keys(type.getFields())) all.add(`${type.name}.${name}`);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      all.add(`${type.name}.${field.name}`);
      for (const arg of field.args) all.add(`${type.name}.${field.name}(${arg.name}:)`);
    }
  }
  return all;
}

const SUBGRAPHS = Object.fromEntries(
  ['personnel', 'performance', 'competency', 'feedback'].map((name) => [name, 'http://127.0.0.1:9/graphql']),
);

/** No service is up: what is refused here is refused before any of them is asked. */
async function startAlone(
  names: readonly ContractName[],
  over: { development?: boolean; origins?: string[]; viewer?: Viewer } = {},
) {
  const { development = false, origins = [], viewer = PUBLIC } = over;
  return startGateway({
    host: '127.0.0.1',
    port: 0,
    contracts: await readContracts(names, { development, origins }),
    subgraphs: SUBGRAPHS,
    verify: async (header) => {
      if (header) throw new Error('a token was judged');
      return viewer;
    },
    log: createLog('gateway', 'silent'),
    development,
    subgraphTimeoutMs: 1_000,
    requestTimeoutMs: 2_000,
  });
}

const ask = async (url: string, query: string, headers: Record<string, string> = {}) =>
  answerOf(
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    }),
  );

test.each(['public', 'partner'] as const)('the %s list names what its schema has', (name) => {
  const { Query: _query, ...listed } = Object.fromEntries(
    file(`${name}.txt`)
      .trim()
      .split('\n')
      .map((line) => [line, true]),
  );
  const scalars = ['ID', 'String', 'Int', 'Float', 'Boolean'];
  const shown = [...coordinatesOf(schemaOf(name))].filter((each) => each !== 'Query');
  expect(
    Object.keys(listed)
      .filter((each) => !scalars.includes(each))
      .sort(),
  ).toEqual(shown.sort());
});

test('a civil servant, a score and a plan are no part of the public contract', () => {
  const shown = coordinatesOf(schemaOf('public'));
  for (const name of [
    'Employee',
    'Score',
    'PerformancePlan',
    'Query.employee',
    'Query.me',
    'Mutation.completeTraining',
  ]) {
    expect(coordinatesOf(staff)).toContain(name);
    expect(shown).not.toContain(name);
  }
  expect(Object.keys(schemaOf('public').getMutationType()!.getFields()).sort()).toEqual([
    'answerSurvey',
    'reopenComplaint',
    'submitComplaint',
  ]);
});

describe.each(['public', 'partner'] as const)('the %s contract', (name) => {
  const mine = schemaOf(name);
  const hidden = [...coordinatesOf(staff)].filter((each) => !coordinatesOf(mine).has(each));
  const hiddenTypes = hidden.filter((each) => !each.includes('.'));
  let gateway: Awaited<ReturnType<typeof startAlone>>;
  let url: string;
  beforeAll(async () => {
    gateway = await startAlone([name], { development: true });
    url = `${gateway.url}/${name}/graphql`;
  }, 60_000);
  afterAll(() => gateway.stop());

  test('hides something', () => expect(hidden.length).toBeGreaterThan(500));

  test('knows no field that is not in it', async () => {
    const fields = hidden.filter((each) => /^\w+\.\w+$/.test(each) && coordinatesOf(mine).has(each.split('.')[0]!));
    expect(fields.length).toBeGreaterThan(20);
    for (const coordinate of fields) {
      const [type, field] = coordinate.split('.') as [string, string];
      if (!isObjectType(mine.getType(type))) continue;
      const body = (await ask(url, documentFor(type, field))).body;
      expect([coordinate, body.errors?.[0].extensions.code]).toEqual([coordinate, 'GRAPHQL_VALIDATION_FAILED']);
      expect(body.errors.map(({ message }: Error) => message)).toContain(
        `Cannot query field "${field}" on type "${type}".`,
      );
      expect(JSON.stringify(body)).not.toContain('Did you mean');
    }
  }, 120_000);

  test('knows no type, argument, input field or enum value that is not in it', async () => {
    for (const type of hiddenTypes) {
      const { body } = await ask(url, `query ($x: ${type}) { __typename ... on ${type} { __typename } }`);
      expect([type, body.errors?.[0].message]).toEqual([type, expect.stringMatching(/Unknown type|cannot be/)]);
      expect(JSON.stringify(body)).not.toContain('Did you mean');
    }
    const args = hidden.filter((each) => each.includes('(') && coordinatesOf(mine).has(each.split('(')[0]!));
    for (const coordinate of args) {
      const [, type, field, arg] = /^(\w+)\.(\w+)\((\w+):\)$/.exec(coordinate)!;
      const { body } = await ask(url, documentFor(type!, `${field}(${arg}: null)`));
      expect([coordinate, JSON.stringify(body)]).toEqual([coordinate, expect.stringContaining('Unknown argument')]);
    }
  }, 120_000);

  test('names nothing else when it tells of itself, nor when it is asked for what does not exist', async () => {
    const told = await ask(url, INTROSPECTION);
    const named = new Set(
      JSON.stringify(told.body)
        .match(/"name":"(\w+)"/g)
        ?.map((each) => each.slice(8, -1)),
    );
    expect(told.body.data.__schema.types.length).toBeGreaterThan(20);
    expect(hiddenTypes.filter((type) => named.has(type))).toEqual([]);
    const descriptions = JSON.stringify(told.body)
      .match(/"description":"[^"]*"/g)!
      .join(' ');
    expect(hiddenTypes.filter((type) => new RegExp(`\\b${type}\\b`).test(descriptions))).toEqual(SAID_IN_PASSING);
    for (const inside of ['{ _service { sdl } }', '{ _entities(representations: []) { __typename } }']) {
      expect((await ask(url, inside)).text).not.toMatch(/Did you mean|Employee\b|employee"|Score\b/);
    }
  });

  test('whoever nearly guesses a name that is not in it is told no more than by any other word', async () => {
    const guesses = hidden.flatMap((coordinate) => guessOf(mine, coordinate));
    expect(guesses.length).toBeGreaterThan(hiddenTypes.length);
    for (let at = 0; at < guesses.length; at += AT_ONCE) {
      const few = guesses.slice(at, at + AT_ONCE);
      const fragments = few.map(({ on, selection }, n) => `fragment F${n} on ${on} { ${selection} }`);
      const { body, text } = await ask(url, `{ ${few.map((_, n) => `...F${n}`).join(' ')} } ${fragments.join(' ')}`);
      expect(body.errors.map(({ message }: Error) => message)).toEqual(
        expect.arrayContaining(few.map(({ answer }) => answer)),
      );
      expect(text).not.toContain('Did you mean');
    }
  }, 120_000);
});

/** So few that the validation does not stop at a hundred faults. */
const AT_ONCE = 30;

interface Guess {
  readonly on: string;
  readonly selection: string;
  readonly answer: string;
}

/** A hidden name with a letter too many, where the contract would have it; none where what holds it is hidden as well. */
function guessOf(contract: GraphQLSchema, coordinate: string): Guess[] {
  const [, typeName = '', member, arg] = /^(\w+)(?:\.(\w+))?(?:\((\w+):\))?$/.exec(coordinate)!;
  const type = contract.getType(typeName);
  if (member === undefined) {
    return [{ on: 'Query', selection: `... on ${typeName}x { __typename }`, answer: `Unknown type "${typeName}x".` }];
  }
  if (!isObjectType(type)) return [];
  if (arg === undefined) {
    const answer = `Cannot query field "${member}x" on type "${typeName}".`;
    return [{ on: typeName, selection: `${member}x`, answer }];
  }
  if (!type.getFields()[member]) return [];
  const answer = `Unknown argument "${arg}x" on field "${typeName}.${member}".`;
  return [{ on: typeName, selection: `${member}(${arg}x: null)`, answer }];
}

/** Words that are types of the whole graph, and words of the language. */
const SAID_IN_PASSING = ['UUID'];

test('the public contract judges no token and forwards none', async () => {
  const gateway = await startAlone(['public']);
  const { body, status } = await ask(`${gateway.url}/public/graphql`, '{ __typename }', { authorization: 'Bearer x' });
  expect([status, body.data]).toEqual([200, { __typename: 'Query' }]);
  await gateway.stop();
}, 30_000);

test('who brings no token is turned away from the other contracts before anything is read', async () => {
  const gateway = await startAlone(['staff', 'partner', 'public']);
  for (const path of ['/graphql', '/partner/graphql']) {
    const large = `{ ${'__typename '.repeat(50_000)} }`;
    for (const query of ['{ __typename }', '{ me { id } }', '{ nothing }', large]) {
      const { status, headers, body } = await ask(gateway.url + path, query);
      expect([status, headers.get('www-authenticate'), body.errors[0].extensions.code]).toEqual([
        401,
        'Bearer',
        'UNAUTHENTICATED',
      ]);
    }
    const byGet = await fetch(`${gateway.url}${path}?query={__typename}`, {
      headers: { 'apollo-require-preflight': 'yes' },
    });
    expect(byGet.status).toBe(401);
  }
  expect((await ask(`${gateway.url}/public/graphql`, '{ __typename }')).status).toBe(200);
  await gateway.stop();
}, 60_000);

test('a process serves only the contracts that it is told to', async () => {
  const gateway = await startAlone(['public']);
  for (const path of ['/graphql', '/partner/graphql']) {
    expect((await ask(gateway.url + path, '{ __typename }')).status).toBe(404);
  }
  await gateway.stop();
}, 30_000);

test('the staff graph tells its schema in development only; pages of other sites read the public one alone', async () => {
  const viewer: Viewer = { kind: 'OPERATOR', subject: 'ani' };
  const gateway = await startAlone(['staff', 'public'], { origins: ['https://merit.example.go.id'], viewer });
  const introspect = async (path: string) => (await ask(gateway.url + path, INTROSPECTION)).body.data?.__schema != null;
  expect([await introspect('/graphql'), await introspect('/public/graphql')]).toEqual([false, true]);
  const preflight = async (path: string, origin: string) => {
    const { headers } = await fetch(gateway.url + path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });
    return [headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials')];
  };
  expect(await preflight('/public/graphql', 'https://any.example')).toEqual(['*', null]);
  expect(await preflight('/graphql', 'https://merit.example.go.id')).toEqual(['https://merit.example.go.id', null]);
  expect((await preflight('/graphql', 'https://any.example'))[0]).not.toBe('https://any.example');
  await gateway.stop();
}, 60_000);

/** A valid way to nothing but a field of a type: a fragment, so that no way to the type has to be found. */
const documentFor = (type: string, field: string) =>
  type === 'Query'
    ? `{ ${field} }`
    : type === 'Mutation'
      ? `mutation { ${field} }`
      : `{ __typename ...F } fragment F on ${type} { ${field} }`;

const INTROSPECTION = `{ __schema { types { name description fields(includeDeprecated: true) { name description args { name description type { name ofType { name } } } type { name ofType { name ofType { name } } } } inputFields { name description } enumValues(includeDeprecated: true) { name description } } directives { name } } }`;
