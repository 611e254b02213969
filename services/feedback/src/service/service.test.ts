import { type PublicService, register, type Standard, sameContent, update } from './service.js';

const standard: Standard = {
  name: 'Penerbitan baru',
  requirements: 'KTP\nKK',
  limit: { quantity: 1, unit: 'WORKING_DAYS' },
  fee: 0,
};
const given = {
  id: 's1',
  agencyId: 'a1',
  unitId: 'u1',
  code: ' KTP-EL ',
  name: ' KTP elektronik ',
  standards: [standard],
};
const registered = (): PublicService => register(given).state;
const code = (expected: string) => expect.objectContaining({ code: expected });

test('a service is entered with trimmed texts, as version 1', () => {
  const { state, events } = register(given);
  expect(state).toEqual({ ...given, code: 'KTP-EL', name: 'KTP elektronik', version: 1 });
  expect(events).toEqual([{ type: 'ServiceRegistered', service: state }]);
});

test.each(['a b', 'KTP;1', "x'y", '=1+1'])('%p is no code', (bad) => {
  expect(() => register({ ...given, code: bad })).toThrow(code('CODE_INVALID'));
});

test.each([0, -1, 1.5, 100_001, Number.NaN])('%p is no limit', (quantity) => {
  const standards = [{ ...standard, limit: { quantity, unit: 'DAYS' as const } }];
  expect(() => register({ ...given, standards })).toThrow(code('LIMIT_OUT_OF_RANGE'));
});

test.each([-1, 0.5, 2_000_000_001, Number.NaN])('%p is no fee', (fee) => {
  expect(() => register({ ...given, standards: [{ ...standard, fee }] })).toThrow(code('FEE_OUT_OF_RANGE'));
});

describe('a change', () => {
  const change = { name: 'Baru', standards: [], expectedVersion: 1 };
  test('makes the next version and leaves code and unit alone', () => {
    const service = { ...registered(), name: 'Baru', standards: [], version: 2 };
    expect(update(registered(), change)).toEqual({ state: service, events: [{ type: 'ServiceChanged', service }] });
  });
  test('from an old version is a conflict', () => {
    expect(() => update(update(registered(), change).state, change)).toThrow(code('CONFLICT'));
  });
});

test('content is the same whatever the ids, versions and order of fields', () => {
  const { fee, limit, name, requirements } = standard;
  const other = { ...registered(), id: 's2', version: 7, standards: [{ fee, requirements, limit, name }] };
  expect(sameContent(registered(), other)).toBe(true);
  expect(sameContent(registered(), { ...other, name: 'Lain' })).toBe(false);
  expect(sameContent(registered(), { ...other, standards: [{ ...standard, fee: 1 }] })).toBe(false);
});
