import fc from 'fast-check';
import { parse } from 'graphql';
import { MOST_NESTING, nestingOf, openTurns, readingCost } from './reading.js';

test.each<[string, string, number]>([
  ['nothing', '', 0],
  ['a field', '{ me }', 1],
  ['arguments in fields', '{ me(of: [{ a: 1 }]) { name } }', 4],
  ['one beside the other', '{ a { b } c { d } }', 2],
  ['what is in a string', '{ me(name: "{{{[[[") }', 2],
  ['what is in a string after a quote', '{ me(name: "\\"{{{") }', 2],
  ['what is in a block', '{ me(name: """ {{{ \\""" {{{ " """) }', 2],
  ['what is in a block behind two backslashes and its quotes', '{ me(name: """\\\\""" {{{ """) { a } }', 2],
  ['a block that ends', '{ me(name: """ {{{ """) { a { b } } }', 3],
  ['what is in a comment', '{ me # {{{\n }', 1],
  ['a string that does not end', '{ me "{{{', 1],
])('the nesting of %s', (_, source, expected) => expect(nestingOf(source)).toBe(expected));

test('what the parser goes down into is never deeper than what was found', () => {
  const part = fc.constantFrom(
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    'a',
    ':',
    '"',
    '"""',
    '\\',
    '#',
    '\n',
    ' ',
    '$',
    '!',
    '...',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), fc.integer({ min: 0, max: 3 }), (parts, extra) => {
      const deep = '{a'.repeat(extra + 1) + '}'.repeat(extra + 1);
      const source = `${deep} ${parts.join('')}`;
      const found = nestingOf(source);
      expect(found).toBeGreaterThanOrEqual(extra + 1);
      try {
        expect(found).toBeGreaterThanOrEqual(bracesOf(parse(source)));
      } catch (error) {
        if ((error as Error).name !== 'GraphQLError') throw error;
      }
    }),
  );
});

/** Selection sets within selection sets, as the parser found them. */
function bracesOf(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 0;
  const { kind, loc: _, ...rest } = node as { kind?: string; loc?: unknown };
  const below = Math.max(0, ...Object.values(rest).map(bracesOf));
  return below + (kind === 'SelectionSet' || kind === 'ListValue' || kind === 'ObjectValue' ? 1 : 0);
}

test('brackets that a parser goes down into without running out of stack', () => {
  const deep = `${'{a'.repeat(MOST_NESTING)}${'}'.repeat(MOST_NESTING)}`;
  expect(nestingOf(deep)).toBe(MOST_NESTING);
  expect(() => parse(deep)).not.toThrow();
});

test('a short document costs nothing to read, a long one as much as the largest operation', () => {
  expect([100, 2_000, 8_000, 40_000, 1_000_000].map((length) => readingCost(length, 10_000))).toEqual([
    0, 25, 400, 10_000, 10_000,
  ]);
});

test('long documents take turns, and what is short passes them by', async () => {
  const turn = openTurns();
  const order: string[] = [];
  const long = ['first', 'second', 'third'].map(async (name) => {
    await turn(10_000);
    order.push(name);
  });
  setImmediate(() => order.push('someone else'));
  await turn(0).then(() => order.push('short'));
  await Promise.all(long);
  expect(order.filter((name) => name !== 'someone else')).toEqual(['short', 'first', 'second', 'third']);
  expect(order.indexOf('someone else')).toBeLessThan(order.indexOf('second'));
});
