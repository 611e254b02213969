import { parse } from 'graphql';
import { accessRules } from '../src/compose/access.js';
import { composeGraph, type Subgraph } from '../src/compose/graph.js';

const link = (minor = 9) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.${minor}", import: ["@key", "@shareable", "@external"])`;
const shared = `
  directive @access(to: [Audience!]!, employee: String, unit: String, agency: String) on OBJECT | FIELD_DEFINITION
  enum Audience { PUBLIC STAFF SELF HR }
  scalar LocalDate
  type PageInfo @shareable @access(to: [PUBLIC]) { hasNextPage: Boolean! }`;
const people: Subgraph = {
  name: 'people',
  sdl: `${link()}
    type Query { "One person." employee(id: ID!): Employee @access(to: [STAFF]) }
    "A civil servant."
    type Employee @key(fields: "id") @access(to: [STAFF], employee: "id") { id: ID! name: String! born: LocalDate @access(to: [SELF, HR], employee: "id") }`,
};
const scores: Subgraph = {
  name: 'scores',
  sdl: `${link()}
    type Employee @key(fields: "id") @access(to: [STAFF], employee: "id") { id: ID! score(year: Int!): Float @access(to: [SELF], employee: "id") }`,
};
const failing = (subgraphs: readonly Subgraph[]) => expect(() => composeGraph(subgraphs, shared));

test('two subgraphs become one supergraph, with nothing of the access rules in it', () => {
  const supergraph = composeGraph([people, scores], shared).supergraph;
  expect(supergraph).toContain('PEOPLE @join__graph(name: "people", url: "http://people/graphql")');
  expect(supergraph).toContain('score(year: Int!): Float @join__field(graph: SCORES)');
  expect(supergraph).not.toMatch(/access|Audience/);
});

test('the same graph gives the same file, however the services order their types', () => {
  const [first, ...rest] = people.sdl.split('\n    type Query');
  const turned = {
    ...people,
    sdl: `${first}\n type Zebra @access(to: [STAFF]) { id: ID! }\n type Query${rest.join('')}`,
  };
  const turnedBack = { ...people, sdl: `${people.sdl}\n type Zebra @access(to: [STAFF]) { id: ID! }` };
  expect(composeGraph([turned, scores], shared).supergraph).toBe(composeGraph([turnedBack, scores], shared).supergraph);
});

test.each([
  [
    'a syntax error',
    { ...scores, sdl: 'type Employee {' },
    /\[scores\] services\/scores\/schema\.graphql:1:16 Syntax Error/,
  ],
  [
    'a type that is nowhere',
    { ...scores, sdl: scores.sdl.replace('Float', 'Missing') },
    /\[scores\] Unknown type Missing/,
  ],
  [
    'a federation too new',
    { ...scores, sdl: scores.sdl.replace(link(), link(10)) },
    /\[scores\] links federation v2\.10/,
  ],
  ['no federation at all', { ...scores, sdl: scores.sdl.replace(link(), '') }, /\[scores\] has no @link/],
  [
    'a field of another',
    {
      ...scores,
      sdl: scores.sdl.replace('score(year: Int!): Float @access(to: [SELF]', 'name: String! @access(to: [STAFF]'),
    },
    /Employee\.name.*INVALID_FIELD_SHARING/,
  ],
  [
    'a rule that differs at a shared field',
    { ...scores, sdl: scores.sdl.replace('[STAFF]', '[STAFF, HR]') },
    /Employee\.id: @access is "STAFF; employee: "id"" in people and "HR, STAFF; employee: "id"" in scores/,
  ],
])('%s is refused with the name of the subgraph', (_, broken, message) => {
  failing([people, broken]).toThrow(
    expect.objectContaining({ code: 'COMPOSITION_FAILED', message: expect.stringMatching(message) }),
  );
});

test('descriptions come along', () => {
  expect(composeGraph([people, scores], shared).supergraph).toContain('One person.');
});

test('a field has its own rule or its type’s, and external fields have none to compare', () => {
  const rules = accessRules(
    parse(
      'type A @access(to: [STAFF]) { a: Int b: Int @access(to: [HR, SELF]) c: Int @external } input B { d: Int @access(to: [HR]) }',
    ),
  );
  expect(Object.fromEntries(rules)).toEqual({ 'A.a': 'STAFF', 'A.b': 'HR, SELF', 'B.d': 'HR' });
});

describe('a contract', () => {
  const PUBLIC = { name: 'public', audiences: ['PUBLIC'] };
  const units: Subgraph = {
    name: 'units',
    sdl: `${link()}
      type Query {
        unit(id: ID!, on: LocalDate @access(to: [STAFF])): Unit @access(to: [PUBLIC])
        find(by: Find!): Unit @access(to: [PUBLIC])
        staffOnly(by: Other): Grade @access(to: [STAFF])
      }
      type Unit @key(fields: "id") @access(to: [PUBLIC]) { id: ID! name: String! grade: Grade head: Employee @access(to: [STAFF]) size: Size }
      type Size @access(to: [INHERIT]) { people: Int budget: Int @access(to: [HR], unit: "id") }
      type Employee @key(fields: "id", resolvable: false) @access(to: [STAFF], employee: "id") { id: ID! }
      enum Grade { A B @access(to: [STAFF]) }
      input Find { code: String internal: Boolean @access(to: [HR]) }
      input Other { kind: Kind! = X }
      enum Kind { X }`,
  };
  const graph = (subgraphs: readonly Subgraph[] = [people, units]) => composeGraph(subgraphs, shared, PUBLIC);

  test('has what its audiences reach, and no word of the rest', () => {
    const { api } = graph();
    const fields = api.match(/^ {2}\w+(?=[(:])/gm)!.map((line) => line.trim());
    expect(fields.sort()).toEqual(['code', 'find', 'grade', 'id', 'name', 'people', 'size', 'unit']);
    expect(api).not.toMatch(/Employee|budget|internal|LocalDate|\bB\b|Other|Kind/);
  });

  test('keeps for the gateway what it hides from clients', () => {
    expect(graph().supergraph).toMatch(/head: Employee @inaccessible/);
  });

  test('is not made where it would lead to nothing', () => {
    const broken = { ...units, sdl: units.sdl.replace('head: Employee @access(to: [STAFF])', 'head: Employee') };
    expect(() => graph([people, broken])).toThrow(
      expect.objectContaining({
        code: 'COMPOSITION_FAILED',
        message: 'Unit.head leads to Employee in the public contract, where nothing of it may be seen.',
      }),
    );
  });

  test('a new field without a rule is for nobody', () => {
    const bare = { ...units, sdl: `${units.sdl} type Bare { secret: Int } extend type Query { bare: Int }` };
    expect(graph([people, bare]).api).toBe(graph().api);
  });
});
