import { buildSchema, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';
import { LIMITS, overLimit } from './limits.js';
import { measure } from './measure.js';

const schema = buildSchema(`
  type Query { me: Person people(first: Int, last: Int): PersonConnection! byIds(ids: [ID!]!): [Person]! }
  type Mutation { rate(input: RateInput!): Person }
  input RateInput { values: [Int!]! }
  type Person { id: ID! name: String! parts: [Part!]! boss: Person team(first: Int = 10): PersonConnection }
  type Part { label: String! }
  type PersonConnection { edges: [PersonEdge!]! total: Int }
  type PersonEdge { cursor: String! node: Person }
`);

function measured(text: string, given: Record<string, unknown> = {}) {
  const { definitions } = parse(text);
  const operation = definitions.find(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  )!;
  const fragments = definitions.filter(
    (node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION,
  );
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
  return measure({
    schema,
    operation,
    fragments: new Map(fragments.map((node) => [node.name.value, node])),
    variables: coerced!,
  });
}

test.each<[string, Record<string, unknown>, object]>([
  ['{ me { name } }', {}, { depth: 2, cost: 2, rootFields: 1, aliases: 0, directives: 0 }],
  ['{ a: me { b: name } c: me { id } }', {}, { depth: 2, cost: 4, rootFields: 2, aliases: 3 }],
  // The list, and for each of 20: edges, node, name.
  ['{ people { edges { node { name } } } }', {}, { depth: 2, cost: 1 + 20 * 3 }],
  ['{ people(first: 100) { edges { node { name } } } }', {}, { cost: 1 + 100 * 3 }],
  ['query ($n: Int = 7) { people(first: $n) { edges { cursor } } }', {}, { cost: 1 + 7 * 2 }],
  ['query ($n: Int = 7) { people(first: $n) { edges { cursor } } }', { n: 50 }, { cost: 1 + 50 * 2 }],
  ['{ people(last: 3) { total } }', {}, { cost: 1 + 3 }],
  // Lists in lists: 1 + 10 × (2 + 1 + 10 × (2 + 1)), with the argument's own default.
  [
    '{ me { team { edges { node { team { edges { node { name } } } } } } } }',
    {},
    { depth: 4, cost: 2 + 10 * (3 + 10 * 3) },
  ],
  ['{ me { parts { label } } }', {}, { depth: 3, cost: 2 + 5 }],
  ['query ($ids: [ID!]!) { byIds(ids: $ids) { name } }', { ids: Array(40).fill('1') }, { cost: 1 + 40 }],
  [
    'mutation ($input: RateInput!) { rate(input: $input) { id } }',
    { input: { values: [1] } },
    { cost: 2, rootFields: 1 },
  ],
  ['{ me @skip(if: false) @include(if: true) { name @include(if: true) } }', {}, { directives: 2 }],
  ['{ __schema { types { name } } }', {}, { depth: 1, cost: 500 }],
  ['{ __typename }', {}, { depth: 1, cost: 1 }],
])('%s with %j', (text, variables, expected) => {
  expect(measured(text, variables)).toMatchObject(expected);
});

test('a fragment counts as often as it is used, and its depth where it is used', () => {
  const text = `{ me { ...P boss { ...P } } } fragment P on Person { name parts { label } }`;
  expect(measured(text)).toMatchObject({ depth: 4, cost: 1 + 1 + (1 + 1 + 5) * 2 });
  expect(measured('{ me { ... on Person { a: name } ... { b: id } } }')).toMatchObject({
    depth: 2,
    aliases: 2,
    cost: 3,
  });
});

test('fragments that multiply are measured in no time', () => {
  const chain = Array.from(
    { length: 60 },
    (_, n) => `fragment F${n} on Person { boss { ...F${n + 1} } b: boss { ...F${n + 1} } }`,
  );
  const found = measured(`{ me { ...F0 } } ${chain.join(' ')} fragment F60 on Person { name }`);
  expect(found.depth).toBe(62);
  expect(found.cost).toBeGreaterThan(2 ** 60);
});

test.each([
  ['depth', { depth: 1 }],
  ['aliases', { aliases: 1 }],
  ['rootFields', { rootFields: 1 }],
  ['directives', { directives: 1 }],
  ['cost', { cost: 1 }],
] as const)('%s may be at its limit and not above, in every contract', (name, more) => {
  for (const limits of Object.values(LIMITS)) {
    expect(overLimit(limits, limits)).toBeNull();
    const above = { ...limits, [name]: limits[name] + Object.values(more)[0]! };
    expect(overLimit(above, limits)).toEqual({ limit: name, found: limits[name] + 1, most: limits[name] });
  }
});
