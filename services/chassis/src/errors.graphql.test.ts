import fc from 'fast-check';
import { buildSchema, graphql } from 'graphql';
import { DateTimeResolver, LocalDateResolver, UUIDResolver } from 'graphql-scalars';
import { inputFieldOf, withoutValues } from './errors.graphql.js';

const schema = buildSchema(`
  scalar DateTime scalar LocalDate scalar UUID
  enum Sex { FEMALE MALE }
  input One @oneOf { a: String b: String }
  input Row { nip: String! hours: Int }
  input Input {
    nip: String hours: Int! = 1 rank: Float left: Boolean id: ID unitId: UUID born: LocalDate at: DateTime sex: Sex
    rows: [Row!] one: One
  }
  type Query { register(input: Input, nips: [String!]): Int }
`);
for (const { name, parseValue, parseLiteral } of [DateTimeResolver, LocalDateResolver, UUIDResolver]) {
  Object.assign(schema.getType(name)!, { parseValue, parseLiteral });
}

const NIP = '198501012010011001';
/** What graphql-js itself says, word for word. */
async function said(source: string, variableValues: Record<string, unknown> = {}): Promise<string> {
  const { errors } = await graphql({ schema, source, variableValues });
  return errors?.[0]?.message ?? 'nothing';
}
const OF_INPUT = 'query ($input: Input) { register(input: $input) }';
const ofInput = (input: unknown) => said(OF_INPUT, { input });

describe('a variable', () => {
  test.each<[unknown, string, string | undefined]>([
    [{ nip: Number(NIP) }, ' at "input.nip"; String cannot represent a non string value.', 'nip'],
    [{ nip: NIP, hours: NIP }, ' at "input.hours"; Int cannot represent non-integer value.', 'hours'],
    [{ hours: Number(NIP) }, ' at "input.hours"; Int cannot represent non 32-bit signed integer value.', 'hours'],
    [{ hours: null, nip: NIP }, ' at "input.hours"; Expected non-nullable type "Int!" not to be null.', 'hours'],
    [{ rank: NIP }, ' at "input.rank"; Float cannot represent non numeric value.', 'rank'],
    [{ left: NIP }, ' at "input.left"; Boolean cannot represent a non boolean value.', 'left'],
    [{ id: { nip: NIP } }, ' at "input.id"; ID cannot represent value.', 'id'],
    [{ unitId: NIP }, ' at "input.unitId"; Value is not a valid UUID.', 'unitId'],
    [{ unitId: Number(NIP) }, ' at "input.unitId"; Value is not string.', 'unitId'],
    [{ born: NIP }, ' at "input.born"; Value is not a valid LocalDate.', 'born'],
    [{ at: NIP }, ' at "input.at"; DateTime cannot represent an invalid date-time-string.', 'at'],
    [{ at: [NIP] }, ' at "input.at"; DateTime cannot represent non string or Date type.', 'at'],
    [{ sex: NIP }, ' at "input.sex"; The value does not exist in "Sex" enum.', 'sex'],
    [{ sex: 'FEMAL' }, ' at "input.sex"; The value does not exist in "Sex" enum.', 'sex'],
    [{ sex: Number(NIP) }, ' at "input.sex"; Enum "Sex" cannot represent non-string value.', 'sex'],
    [
      { rows: [{ nip: NIP }, { hours: 1, note: `"; ${NIP}` }] },
      ' at "input.rows[1]"; Field "nip" of required type "String!" was not provided.',
      'rows[1].nip',
    ],
    [{ nip: NIP, nipp: NIP }, '; Field "nipp" is not defined by type "Input".', 'nipp'],
    [{ [NIP]: NIP }, '; It does not fit its type.', undefined],
    [{ one: { a: NIP, b: NIP } }, ' at "input.one"; Exactly one key must be specified for OneOf type "One".', 'one'],
    [{ one: { a: null } }, ' at "input.one.a"; Field "a" must be non-null.', 'one.a'],
    [NIP, '; Expected type "Input" to be an object.', undefined],
    [`\\"; ${NIP} at "input.born`, '; Expected type "Input" to be an object.', undefined],
    [{ [`a"; ${NIP}`]: NIP }, '; It does not fit its type.', undefined],
  ])('%j keeps its place and what is wrong, and not its value', async (input, left, field) => {
    const message = withoutValues(await ofInput(input));
    expect(message).toBe(`Variable "$input" got invalid value${left}`);
    expect(inputFieldOf(message)).toBe(field);
    expect(withoutValues(message)).toBe(message); // as the gateway does to what a service has said
  });

  test('that is a list keeps the number of the item', async () => {
    const message = withoutValues(
      await said('query ($nips: [String!]) { register(nips: $nips) }', { nips: [NIP, Number(NIP)] }),
    );
    expect(message).toBe(
      'Variable "$nips" got invalid value at "nips[1]"; String cannot represent a non string value.',
    );
    expect(inputFieldOf(message)).toBeUndefined();
  });

  test('leaves nothing of itself, whatever it is', async () => {
    const marked = fc.string({ unit: 'binary' }).map((text) => `${text}${NIP}${text}`);
    const value = fc.jsonValue({ maxDepth: 4 });
    const input = fc.record({ nip: fc.oneof(fc.array(marked), fc.dictionary(marked, value)), hours: value });
    await fc.assert(
      fc.asyncProperty(input, async (given) => {
        const message = withoutValues(await ofInput(given));
        expect(message).toMatch(/^Variable "\$input" got invalid value(?: at "input\.\w+")?; [^0-9]*(?:32-bit.*)?$/);
        expect(message).not.toContain(NIP);
      }),
    );
  });

  test('takes no longer to read than it is long', async () => {
    for (const unit of ['"; ', '\\"', '{ "', ' at "input.a"; ', 'Did you mean ']) {
      const message = await ofInput({ [unit.repeat(200_000)]: unit.repeat(200_000) });
      const began = performance.now();
      withoutValues(message);
      expect(performance.now() - began).toBeLessThan(5_000); // and not minutes
    }
  });
});

describe('a value that stands in the document', () => {
  test.each([
    [`{ register(input: { nip: ${NIP} }) }`, 'String cannot represent a non string value.'],
    [`{ register(input: { hours: ${NIP} }) }`, 'Int cannot represent non 32-bit signed integer value.'],
    [`{ register(input: { hours: "${NIP}" }) }`, 'Int cannot represent non-integer value.'],
    [`{ register(input: { hours: null, nip: "${NIP}" }) }`, 'Expected value of type "Int!".'],
    [`{ register(input: { unitId: "${NIP}" }) }`, 'Value is not a valid UUID.'],
    [`{ register(input: { born: "${NIP}" }) }`, 'Value is not a valid LocalDate.'],
    [`{ register(input: { at: "${NIP}" }) }`, 'DateTime cannot represent an invalid date-time-string.'],
    [`{ register(input: { sex: "${NIP}" }) }`, 'Enum "Sex" cannot represent non-enum value.'],
    ['{ register(input: { sex: FEMAL }) }', 'The value does not exist in "Sex" enum.'],
    [`{ register(input: "${NIP}") }`, 'Expected value of type "Input".'],
    [
      `{ register(input: { rows: [{ hours: ${NIP} }] }) }`,
      'Field "Row.nip" of required type "String!" was not provided.',
    ],
    [`{ register "${NIP}" }`, 'Syntax Error: Expected Name, found String.'],
    [`{ register ${NIP} }`, 'Syntax Error: Expected Name, found Int.'],
    [`{ register(input: """${NIP}" b""" }`, 'Syntax Error: Expected Name, found "}".'],
  ])('is not said again: %s', async (source, left) => {
    expect(withoutValues(await said(source))).toBe(left);
  });

  test('is not said again either when it becomes wrong through a variable', async () => {
    const source = `query ($h: Int) { register(input: { nip: "${NIP}", hours: $h }) }`;
    const message = await said(source, { h: null });
    expect(message).toContain(NIP);
    expect(withoutValues(message)).toBe('Argument "input" has invalid value.');
  });
});

test.each([
  [
    'Cannot query field "nam" on type "Employee". Did you mean "name" or "nip"?',
    'Cannot query field "nam" on type "Employee".',
  ],
  ['Variable "$id" of required type "ID!" was not provided.'],
  ['Syntax Error: Expected "$", found Name "String".'],
  ['connect ECONNREFUSED 127.0.0.1:5432'],
])('other messages stay as they are, but for names that are suggested: %s', (message, left = message) => {
  expect(withoutValues(message)).toBe(left);
});
