import fc from 'fast-check';
import { GraphQLError } from 'graphql';
import { DomainError, domainErrorOf, formatError, INTERNAL_MESSAGE, requireId, requireText } from './errors.js';

const code = (code: string, params: object = {}) =>
  expect.objectContaining({ code, params: expect.objectContaining(params) });
const ID = '0197a000-0000-7000-8000-00000000000a';

describe('an id', () => {
  test('is a UUID, given back in lower case', () => {
    expect(requireId(ID.toUpperCase(), 'unitId')).toBe(ID);
  });

  test.each(['', 'abc', `${ID}0`, ` ${ID}`, ID.replaceAll('-', ''), '198501012010011001', null, undefined, 7, {}])(
    'is not %j',
    (value) => {
      expect(() => requireId(value, 'unitId')).toThrow(code('INVALID_ID', { field: 'unitId' }));
    },
  );
});

describe('a text', () => {
  test.each([
    ['  trimmed ', 'trimmed'],
    ['Sri Wahyuni 👩🏽‍⚕️', 'Sri Wahyuni 👩🏽‍⚕️'],
    ['مرحبا بالعالم', 'مرحبا بالعالم'],
    ['\u202Bשלום\u202C', '\u202Bשלום\u202C'],
    ['e\u0301', 'é'],
    ['=1+1', '=1+1'],
  ])('%j is %j', (given, expected) => {
    expect(requireText(given, 'title', { max: 100 })).toBe(expected);
  });

  test.each([null, undefined, '', '   ', '\n', 5])('is required: %j', (value) => {
    expect(() => requireText(value, 'title', { max: 5 })).toThrow(code('TEXT_REQUIRED', { field: 'title' }));
  });

  test('has an end, counted in characters as people see most of them', () => {
    expect(requireText('👍👍👍', 'title', { max: 3 })).toBe('👍👍👍');
    expect(() => requireText('abcd', 'title', { max: 3 })).toThrow(code('TEXT_TOO_LONG', { field: 'title', max: 3 }));
    expect(() => requireText('x'.repeat(1_000_000), 'title', { max: 3 })).toThrow(code('TEXT_TOO_LONG'));
  });

  test.each(['a\u0000b', 'a\u0007b', 'a\u001bb', 'a\u0085b', '\ud83d', 'a\nb', 'a\tb'])('may not hold %j', (value) => {
    expect(() => requireText(value, 'title', { max: 10 })).toThrow(code('TEXT_INVALID', { field: 'title' }));
  });

  test('may have lines where it is told so, and still no null byte', () => {
    expect(requireText('a\r\n\tb', 'text', { max: 10, lines: true })).toBe('a\r\n\tb');
    expect(() => requireText('a\nb\u0000', 'text', { max: 10, lines: true })).toThrow(code('TEXT_INVALID'));
  });

  test('is either given back storable and within its length, or refused, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (value) => {
        let text: string;
        try {
          text = requireText(value, 'f', { max: 20 });
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
          return;
        }
        expect(Buffer.from(text).toString()).toBe(text);
        expect(text).toMatch(/^[^\p{Cc}]+$/u);
        expect(requireText(text, 'f', { max: 40 })).toBe(text);
      }),
    );
  });
});

describe('an error on its way out', () => {
  /** As Apollo hands it over: wrapped in where it happened, with the code it gave. */
  const leave = (error: Error, extensions: object = { code: 'INTERNAL_SERVER_ERROR' }) => {
    const wrapped = new GraphQLError(error.message, { path: ['a', 0, 'b'], originalError: error });
    return formatError({ message: error.message, path: ['a', 0, 'b'], extensions: { ...extensions } }, wrapped);
  };

  test('keeps the code, message, field and figures of a rule', () => {
    expect(leave(new DomainError('HOURS_OUT_OF_RANGE', 'Too many.', { field: 'hours', max: 40 }))).toEqual({
      message: 'Too many.',
      path: ['a', 0, 'b'],
      extensions: { code: 'HOURS_OUT_OF_RANGE', field: 'hours', params: { field: 'hours', max: 40 } },
    });
  });

  test.each([
    new Error('connect ECONNREFUSED 10.0.0.7:5432'),
    Object.assign(new Error('duplicate key'), { severity: 'ERROR', code: '23505', detail: 'Key (nip)=(1985…)' }),
    new GraphQLError('inside', { extensions: { code: 'SOMETHING_NEW' } }),
  ])('says nothing of the inside: %p', (error) => {
    expect(leave(error, { code: 'SOMETHING_NEW', stacktrace: ['at x'] })).toEqual({
      message: INTERNAL_MESSAGE,
      path: ['a', 0, 'b'],
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
  });

  test.each([
    ['55P03', 'BUSY'],
    ['40P01', 'BUSY'],
    ['57014', 'BUSY'],
    ['53300', 'OVERLOADED'],
    ['22021', 'TEXT_INVALID'],
  ])('a database that says %s means %s', (sqlState, expected) => {
    const fromDriver = Object.assign(new Error('as PostgreSQL words it'), { severity: 'ERROR', code: sqlState });
    const answer = leave(fromDriver);
    expect(answer.extensions?.['code']).toBe(expected);
    expect(answer.message).not.toContain('PostgreSQL');
  });

  test('only a database has an SQLSTATE', () => {
    expect(domainErrorOf(Object.assign(new Error('x'), { code: '55P03' }))).toBeNull();
  });

  test('suggests no names', () => {
    const graphql = new GraphQLError('x');
    const of = (message: string, code: string) => formatError({ message, extensions: { code } }, graphql);
    expect(
      of('Cannot query field "nam" on type "Employee". Did you mean "name" or "nip"?', 'GRAPHQL_VALIDATION_FAILED'),
    ).toEqual({
      message: 'Cannot query field "nam" on type "Employee".',
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });

  /** What leaves when graphql-js says this of a request. */
  const said = (message: string, code = 'BAD_USER_INPUT') =>
    formatError({ message, extensions: { code } }, new GraphQLError('x'));

  test('does not send a megabyte back', () => {
    expect(said(`Cannot query field "${'x'.repeat(1_000_000)}" on type "Employee".`).message.length).toBe(501);
    const value = JSON.stringify('x"; '.repeat(250_000));
    expect(said(`Variable "$input" got invalid value ${value} at "input.hours"; Int cannot represent it`)).toEqual({
      message: 'Variable "$input" got invalid value at "input.hours"; It does not fit its type.',
      extensions: { code: 'BAD_USER_INPUT', field: 'hours' },
    });
  });

  test.each([
    [
      '"x" at "input.rows[0].hours"; Int cannot represent non-integer value: "x"',
      ' at "input.rows[0].hours"; Int cannot represent non-integer value.',
      'rows[0].hours',
    ],
    [
      '{ name: "a; b" }; Field "hours" of required type "Int!" was not provided.',
      '; Field "hours" of required type "Int!" was not provided.',
      'hours',
    ],
    [
      '{ at: "x" } at "input.rows[1]"; Field "title" of required type "[String!]!" was not provided.',
      ' at "input.rows[1]"; Field "title" of required type "[String!]!" was not provided.',
      'rows[1].title',
    ],
    [
      '{ hors: 1 } at "input"; Field "hors" is not defined by type "NameInput". Did you mean "hours"?',
      '; Field "hors" is not defined by type "NameInput".',
      'hors',
    ],
    ['"2026-02-30"; Value is not a valid LocalDate: 2026-02-30', '; Value is not a valid LocalDate.', undefined],
  ])('of a variable names its field and what is wrong, not what was sent: %s', (given, left, field) => {
    expect(said(`Variable "$input" got invalid value ${given}`)).toEqual({
      message: `Variable "$input" got invalid value${left}`,
      extensions: { code: 'BAD_USER_INPUT', ...(field ? { field } : {}) },
    });
  });
});
