import { breaksClients, poorAnnouncements } from '../src/compose/changes.js';

const TODAY = '2026-11-22';
const LAST_MONTH = '2026-10-31';
const LATER = '2027-02-20';

const before = `type Query {
    unit(id: ID!, on: String, old: Int @deprecated(reason: "Use Query.unit(on:) until ${LAST_MONTH}.")): Unit
    old: Old @deprecated(reason: "Use Query.unit until ${LAST_MONTH}.")
    soon: Int @deprecated(reason: "Use Query.unit until ${TODAY}.")
    undated: Int @deprecated(reason: "Use Query.unit.")
  }
  type Unit { id: ID! name: String kind: Kind! }
  type Old { id: ID! }
  enum Kind { A B OLD @deprecated(reason: "Use Kind.A until ${LAST_MONTH}.") }
  input Find { code: String old: String @deprecated(reason: "Use Find.code until ${LAST_MONTH}.") }`;
const breaks = (after: string) => breaksClients(before, after, TODAY);
const lineWith = (text: string) => before.split('\n').find((line) => line.trim().startsWith(text))!;

test.each([
  ['a field', before.replace('name: String', 'name: String short: String')],
  ['an argument that may be left out', before.replace('on: String', 'on: String, lang: String')],
  ['a type', `${before} type Office { id: ID! }`],
  ['more certainty', before.replace('name: String', 'name: String!')],
])('%s may be added', (_, after) => expect(breaks(after)).toEqual([]));

test.each([
  ['a field', before.replace('name: String', ''), 'Unit.name was removed.'],
  ['certainty', before.replace('Kind!', 'Kind'), 'Unit.kind changed type from Kind! to Kind.'],
  ['a value', before.replace('A B', 'A'), 'B was removed from enum type Kind.'],
  ['an argument', before.replace(', on: String', ''), 'Query.unit arg on was removed.'],
  ['a choice', before.replace('code: String', 'code: String!'), 'Find.code changed type from String to String!.'],
  [
    'what is going, before its day is over',
    before.replace(lineWith('soon'), ''),
    `Query.soon was removed. It is promised until ${TODAY}.`,
  ],
  ['what is going without a day', before.replace(lineWith('undated'), ''), 'Query.undated was removed.'],
])('%s may not be taken away', (_, after, said) => expect(breaks(after)).toEqual([said]));

test.each([
  [
    'a field, and the type that nothing else led to',
    before.replace(lineWith('old'), '').replace('type Old { id: ID! }', ''),
  ],
  ['an argument', before.replace(/, old: Int @deprecated\(reason: "[^"]*"\)/, '')],
  ['a value', before.replace(/OLD @deprecated\(reason: "[^"]*"\)/, '')],
  ['a field of an input', before.replace(/ old: String @deprecated\(reason: "[^"]*"\)/, '')],
])('%s may go when the day is over', (_, after) => {
  expect(after).not.toBe(before);
  expect(breaks(after)).toEqual([]);
});

test('a type does not go with a field while another leads to it', () => {
  const two = before.replace('kind: Kind!', 'kind: Kind! old: Old');
  const after = two.replace(lineWith('old'), '').replace(' old: Old', '').replace('type Old { id: ID! }', '');
  expect(breaksClients(two, after, TODAY)).toEqual(['Old was removed.', 'Unit.old was removed.']);
});

describe('an announcement', () => {
  const announcing = (reason: string) =>
    `type Query { a: Int @deprecated(reason: "${reason}") b(of: Int): Kind } enum Kind { A }`;
  const silent = 'type Query { a: Int b(of: Int): Kind } enum Kind { A }';
  const said = (reason: string, earlier: string | null = silent) =>
    poorAnnouncements(earlier, announcing(reason), TODAY);

  test.each(['Query.b', 'Query.b(of:)', 'Kind.A', '`Query.b`'])('says to use %s, for 90 days', (instead) => {
    expect(said(`Use ${instead} until ${LATER}.`)).toEqual([]);
  });
  test('may say that nothing takes its place', () => {
    expect(said(`Nothing takes its place. Until ${LATER}.`)).toEqual([]);
  });
  test.each([
    ['no coordinate', `It is old. Until ${LATER}.`, /without a coordinate/],
    ['one that is not there', `Use Query.c until ${LATER}.`, /without a coordinate/],
    ['no day', 'Use Query.b.', /without a day/],
    ['a day that the calendar does not have', 'Use Query.b until 2027-02-30.', /without a day/],
    ['fewer than 90 days', 'Use Query.b until 2027-02-19.', /until 2027-02-20/],
  ])('with %s is refused', (_, reason, expected) => {
    expect(said(reason)).toEqual([expect.stringMatching(expected)]);
  });
  test('that was made before is not judged by the days again', () => {
    const reason = 'Use Query.b until 2026-12-01.';
    expect(said(reason, announcing(reason))).toEqual([]);
    expect(said(reason, null)).toHaveLength(1);
  });
});
