import fc from 'fast-check';
import { connection, encodeCursor, type Page, type PageArguments, parsePage, seek } from './page.js';

const code = (code: string, params: object = {}) =>
  expect.objectContaining({ code, params: expect.objectContaining(params) });
const page = (over: Partial<Page> = {}): Page => ({ size: 2, backward: false, cursor: null, ...over });

describe('the page that is asked for', () => {
  test.each<[PageArguments, Page]>([
    [{}, { size: 20, backward: false, cursor: null }],
    [
      { first: null, after: null, last: null, before: null },
      { size: 20, backward: false, cursor: null },
    ],
    [{ first: 100 }, { size: 100, backward: false, cursor: null }],
    [
      { first: 5, after: encodeCursor(['a', 1]) },
      { size: 5, backward: false, cursor: ['a', 1] },
    ],
    [{ last: 5 }, { size: 5, backward: true, cursor: null }],
    [{ before: encodeCursor(['a', 1]) }, { size: 20, backward: true, cursor: ['a', 1] }],
  ])('by %j is %j', (args, expected) => {
    expect(parsePage(args, { keys: 2 })).toEqual(expected);
  });

  test.each<[PageArguments, string, string]>([
    [{ first: 101 }, 'PAGE_TOO_LARGE', 'first'],
    [{ last: 1000 }, 'PAGE_TOO_LARGE', 'last'],
    [{ first: 0 }, 'BAD_USER_INPUT', 'first'],
    [{ last: -1 }, 'BAD_USER_INPUT', 'last'],
    [{ first: 5, last: 5 }, 'BAD_USER_INPUT', 'last'],
    [{ first: 5, before: 'x' }, 'BAD_USER_INPUT', 'last'],
    [{ after: '' }, 'INVALID_CURSOR', 'after'],
    [{ after: 'x' }, 'INVALID_CURSOR', 'after'],
    [{ before: encodeCursor(['a']) }, 'INVALID_CURSOR', 'before'],
    [{ after: encodeCursor(['a', 'b', 'c']) }, 'INVALID_CURSOR', 'after'],
    [{ after: Buffer.from('["a",{}]').toString('base64url') }, 'INVALID_CURSOR', 'after'],
    [{ after: 'W'.repeat(1_000_000) }, 'INVALID_CURSOR', 'after'],
  ])('%j is refused', (args, expected, field) => {
    expect(() => parsePage(args, { keys: 2 })).toThrow(code(expected, { field }));
  });

  test('whatever text is given as a cursor is read back or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (after) => {
        expect(() => parsePage({ after }, { keys: 1 })).toThrow(code('INVALID_CURSOR'));
      }),
    );
  });

  test('a cursor carries its values there and back', () => {
    const value = fc.oneof(fc.string({ maxLength: 50 }), fc.integer(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (values) => {
        expect(parsePage({ after: encodeCursor(values) }, { keys: values.length }).cursor).toEqual(values);
      }),
    );
    const day = new Date('2026-03-04T05:06:07.008Z');
    expect(parsePage({ after: encodeCursor([day]) }, { keys: 1 }).cursor).toEqual([day.toISOString()]);
  });
});

describe('a connection', () => {
  const cursorOf = (n: number) => [n];

  test('shows a page, and whether more lies beyond it', () => {
    expect(connection([1, 2, 3], page(), cursorOf)).toEqual({
      edges: [
        { node: 1, cursor: encodeCursor([1]) },
        { node: 2, cursor: encodeCursor([2]) },
      ],
      nodes: [1, 2],
      pageInfo: {
        hasNextPage: true,
        hasPreviousPage: false,
        startCursor: encodeCursor([1]),
        endCursor: encodeCursor([2]),
      },
    });
  });

  test('turns round what was read backward', () => {
    const { nodes, pageInfo } = connection([9, 8, 7], page({ backward: true, cursor: [10] }), cursorOf);
    expect(nodes).toEqual([8, 9]);
    expect(pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true, startCursor: encodeCursor([8]) });
  });

  test('of nothing is empty', () => {
    expect(connection([], page(), cursorOf)).toEqual({
      edges: [],
      nodes: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });
});

describe('the SQL of a page', () => {
  const keys = [
    { sql: 'r.completed_at', type: 'timestamptz' },
    { sql: 'r.id', type: 'uuid' },
  ] as const;
  const cursor = ['2026-03-04T05:06:07.008Z', '0197a000-0000-7000-8000-00000000000a'];

  test('reads one row more than the page has', () => {
    expect(seek(page(), keys)).toEqual({ where: 'true', orderBy: 'r.completed_at, r.id', limit: 3, parameters: [] });
  });

  test.each([
    [false, false, '>', 'r.completed_at, r.id'],
    [false, true, '<', 'r.completed_at desc, r.id desc'],
    [true, false, '<', 'r.completed_at desc, r.id desc'],
    [true, true, '>', 'r.completed_at, r.id'],
  ])('descending %j, backward %j: %s', (descending, backward, comparison, orderBy) => {
    expect(seek(page({ backward, cursor }), keys, { descending, firstParameter: 3 })).toEqual({
      where: `(r.completed_at, r.id) ${comparison} ($3::timestamptz, $4::uuid)`,
      orderBy,
      limit: 3,
      parameters: cursor,
    });
  });

  test.each([
    ['timestamptz', ['2026-13-01T00:00:00.000Z', '2026-02-30T00:00:00.000Z', 'now', '2026-03-04', 5, null]],
    ['date', ['2026-02-30', '2025-02-29', 'infinity', '2026-1-1', 20260101]],
    ['uuid', ['x', '', `${cursor[1]}'`, 7]],
    ['int', ['7', 1.5, 1e12, Number.MAX_SAFE_INTEGER, true]],
    ['text', ['a\u0000', 7, null]],
  ] as const)('a %s cannot be %j', (type, values) => {
    for (const value of values) {
      expect(() => seek(page({ cursor: [value] }), [{ sql: 'x', type }])).toThrow(code('INVALID_CURSOR'));
    }
  });
});
