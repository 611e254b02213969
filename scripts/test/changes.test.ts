import { breaksClients } from '../src/compose/changes.js';

const before = `type Query { unit(id: ID!, on: String): Unit  old: Int @deprecated(reason: "unit") }
  type Unit { id: ID! name: String kind: Kind! }
  enum Kind { A B }
  input Find { code: String }`;

test.each([
  ['a field', before.replace('name: String', 'name: String short: String')],
  ['an argument that may be left out', before.replace('on: String', 'on: String, lang: String')],
  ['a type', `${before} type Office { id: ID! }`],
  ['more certainty', before.replace('name: String', 'name: String!')],
])('%s may be added', (_, after) => expect(breaksClients(before, after)).toEqual([]));

test.each([
  ['a field', before.replace('name: String', ''), 'Unit.name was removed.'],
  ['certainty', before.replace('Kind!', 'Kind'), 'Unit.kind changed type from Kind! to Kind.'],
  ['a value', before.replace('A B', 'A'), 'B was removed from enum type Kind.'],
  ['an argument', before.replace(', on: String', ''), 'Query.unit arg on was removed.'],
  ['a choice', before.replace('code: String', 'code: String!'), 'Find.code changed type from String to String!.'],
])('%s may not be taken away', (_, after, said) => expect(breaksClients(before, after)).toEqual([said]));

test('what was marked as going may go', () => {
  expect(breaksClients(before, before.replace('old: Int @deprecated(reason: "unit")', ''))).toEqual([]);
});
