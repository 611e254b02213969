import { composeGraph } from '../src/compose/graph.js';
import { noLongerAnswers } from '../src/compose/order.js';

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@inaccessible"])';
const people = `${link}
  type Query { person(id: ID!, on: String): Person  found: [Found!]!  old: Int @inaccessible }
  type Mutation { rename(input: Rename!): Person }
  type Person @key(fields: "id") { id: ID!  name: String!  kind: Kind  page: Page @shareable }
  type Page @shareable { size: Int! }
  type Team @key(fields: "id") { id: ID! }
  union Found = Person | Team
  enum Kind { A B }
  input Rename { id: ID!  name: String }`;
const scores = `${link}
  type Person @key(fields: "id") { id: ID!  name: String! @external  score: Float @requires(fields: "name")  page: Page @shareable }
  type Page @shareable { size: Int! }`;
const { supergraph } = composeGraph(
  [
    { name: 'people', sdl: people },
    { name: 'scores', sdl: scores },
  ],
  'scalar Unused',
);
const of = (sdl: string, name = 'people') => noLongerAnswers(supergraph, name, sdl);

test('services as they were answer all of it', () => {
  expect([...of(people), ...of(scores, 'scores')]).toEqual([]);
});

test('a service that is new was asked for nothing', () => expect(of(link, 'newcomer')).toEqual([]));

test.each<[string, string, string]>([
  ['a field more', 'kind: Kind', 'kind: Kind  age: Int'],
  ['an argument more', 'on: String', 'on: String, of: Int'],
  ['an argument that must be given and has a default', 'on: String', 'on: String, of: Int! = 1'],
  ['more certainty', 'kind: Kind', 'kind: Kind!'],
  ['less asked for', 'person(id: ID!', 'person(id: ID'],
  ['a value more', 'A B', 'A B C'],
  ['less of what is hidden already', 'old: Int @inaccessible', ''],
  ['a part in an extension', 'kind: Kind  page: Page @shareable }', 'page: Page } extend type Person { kind: Kind }'],
])('services may go first with %s', (_, from, to) => {
  expect(people).toContain(from);
  expect(of(people.replace(from, to))).toEqual([]);
});

test.each<[string, string, string, string]>([
  ['a field', 'kind: Kind', '', '[people] Person.kind was removed.'],
  ['certainty', 'name: String!', 'name: String', '[people] Person.name changed from String! to String.'],
  ['a list', 'found: [Found!]!', 'found: Found!', '[people] Query.found changed from [Found!]! to Found!.'],
  ['an argument', ', on: String', '', '[people] Query.person(on:) was removed.'],
  ['freedom', 'on: String', 'on: String!', '[people] Query.person(on:) changed from String to String!.'],
  ['peace', 'on: String', 'on: String, of: Int!', '[people] Query.person:of must be given.'],
  ['a choice', 'name: String }', 'name: String! }', '[people] Rename.name changed from String to String!.'],
  ['a form', 'name: String }', 'name: String why: String! }', '[people] Rename.why must be given.'],
  ['a value', 'A B', 'A', '[people] Kind.B was removed.'],
  ['a member', 'Person | Team', 'Person', '[people] Found is no longer a Team.'],
  ['a key', 'type Person @key(fields: "id")', 'type Person', '[people] Person is no longer found by its id.'],
  ['a shared field', 'type Page @shareable { size: Int! }', 'type Page { n: Int }', '[people] Page.size was removed.'],
  ['a type', 'input Rename { id: ID!  name: String }', '', '[people] Rename was removed.'],
])('but may not take away %s', (_, from, to, said) => {
  expect(people).toContain(from);
  expect(of(people.replace(from, to))).toEqual([said]);
});

test('what a service only needs from others is not asked of it', () => {
  expect(of(scores.replace('name: String! @external', '').replace('@requires(fields: "name")', ''), 'scores')).toEqual(
    [],
  );
});
