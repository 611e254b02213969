/** The matrix's comparison on a graph of three fields: what it must find, and what it must not. */
import { buildSchema } from 'graphql';
import { compare, type Given } from './matrix.compare.js';
import { readRules, type Viewer } from './matrix.rules.js';

const schema = buildSchema('type Query { person(id: ID!): Person } type Person { id: ID! name: String! nip: String }');
const RULES = `Person.id — STAFF
Person.name — STAFF
Person.nip — HR, SELF; employee: "id"
Query.person — STAFF`;
const viewer = (...of: string[]): Viewer => ({
  name: 'someone',
  token: null,
  is: (audience, { employee }) => of.includes(audience) && (audience !== 'SELF' || employee === '1'),
});
const SHOWN = { data: { person: { id: '1', name: 'Siti', nip: '901' } }, errors: [] };
const denied = (path: (string | number)[], code = 'FORBIDDEN') => ({ message: '', path, extensions: { code } });
const WITHHELD = {
  data: { person: { id: '1', name: 'Siti', nip: null } },
  errors: [denied(['person', 'nip'])],
};

const wrong = (who: Viewer, given: Given, rules = RULES) =>
  compare(
    {
      ...{ schema, rules: readRules(rules), entities: new Set(['Person']), narrower: new Map(), spoken: new Map() },
      aboutOf: (_, id) => ({ employee: id }),
    },
    { viewer: who, document: 'query { person(id: "1") { id name nip } }' },
    given,
  ).flatMap(({ coordinate, found }) => (typeof found === 'string' ? [] : [`${coordinate} ${found.wrong}`]));

const self = viewer('STAFF', 'SELF');
const colleague = viewer('STAFF');

test('right answers give nothing to remark', () => {
  expect(wrong(self, SHOWN)).toEqual([]);
  expect(wrong(colleague, WITHHELD)).toEqual([]);
  expect(wrong(viewer(), { data: { person: null }, errors: [denied(['person'])] })).toEqual([]);
});

test('a value that is shown to one who may not see it is found', () => {
  expect(wrong(colleague, SHOWN)).toEqual(['Person.nip shows "901"']);
});

test('a value that is withheld from one who may see it is found', () => {
  expect(wrong(self, WITHHELD)).toEqual(['Person.nip is refused with FORBIDDEN']);
});

test('null without a word, or with another, is no refusal', () => {
  expect(wrong(colleague, { ...WITHHELD, errors: [] })).toEqual(['Person.nip is denied with nothing said']);
  const other = { ...WITHHELD, errors: [denied(['person', 'nip'], 'INTERNAL_SERVER_ERROR')] };
  expect(wrong(colleague, other)).toEqual(['Person.nip is denied with INTERNAL_SERVER_ERROR']);
});

test('a field without a rule is found, and an error that belongs to no field', () => {
  expect(wrong(self, SHOWN, RULES.replace('Person.nip — HR, SELF; employee: "id"', 'Person.nip — no rule'))).toEqual([
    'Person.nip has no rule',
  ]);
  const stray = { ...SHOWN, errors: [{ message: 'Lost.', extensions: { code: 'TIMEOUT' } }] };
  expect(wrong(self, stray)).toEqual([' TIMEOUT: Lost.']);
});

test('a rule that says otherwise than the service is found, whichever of the two is at fault', () => {
  expect(wrong(self, SHOWN, RULES.replace('HR, SELF', 'HR'))).toEqual(['Person.nip shows "901"']);
  expect(wrong(colleague, WITHHELD, RULES.replace('HR, SELF', 'STAFF'))).toEqual([
    'Person.nip is refused with FORBIDDEN',
  ]);
});

test('of a non-null field that is denied, the object goes with it', () => {
  const rules = RULES.replace('Person.name — STAFF', 'Person.name — ADMIN');
  const gone = { data: { person: null }, errors: [denied(['person', 'name'])] };
  expect(wrong(colleague, gone, rules)).toEqual([]);
  expect(wrong(viewer('STAFF', 'ADMIN'), gone, rules)).toEqual(['Person.name is refused with FORBIDDEN']);
});
