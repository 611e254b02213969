import {
  correctEmployee,
  type Employee,
  type Employment,
  employmentAt,
  leave,
  type Particulars,
  registerEmployee,
  transferEmployee,
} from './employee.js';
import { IDENTITY_FIGURES } from './identity-number.figures.js';

const judgement = { today: '2026-11-22', figures: IDENTITY_FIGURES };
const pns: Particulars = {
  name: 'Siti',
  nip: '198003172005012901',
  kind: 'PNS',
  serviceFrom: '2010-01-01',
  contractFrom: null,
  contractTo: null,
};
const pppk: Particulars = {
  ...pns,
  nip: '199001012023211901',
  kind: 'PPPK',
  contractFrom: '2023-01-01',
  contractTo: '2027-12-31',
};
const employee: Employee = { id: 'e', ...pns, leftOn: null, version: 3 };
const current: Employment = { employeeId: 'e', agencyId: 'a', validFrom: '2010-01-01', validTo: null };
const code = (value: string) => expect.objectContaining({ code: value });

describe('a new civil servant', () => {
  test('is known by what the office entered', () => {
    const { state, events } = registerEmployee(
      'e',
      'a',
      { ...pns, name: '  Siti ', nip: '19800317 200501 2 901' },
      judgement,
    );
    expect(state).toEqual({ id: 'e', ...pns, leftOn: null, version: 1 });
    expect(events).toEqual([{ type: 'EmployeeRegistered', employee: state, agencyId: 'a' }]);
  });
  test.each<[string, Particulars, string]>([
    ['a PNS with a contract', { ...pns, contractFrom: '2023-01-01' }, 'CONTRACT_NOT_ALLOWED'],
    ['a PPPK without one', { ...pppk, contractFrom: null, contractTo: null }, 'CONTRACT_REQUIRED'],
    ['a contract without an end', { ...pppk, contractTo: null }, 'CONTRACT_REQUIRED'],
    ['a contract that ends before it begins', { ...pppk, contractTo: '2022-12-31' }, 'INTERVAL_REVERSED'],
    ['the number of another kind', { ...pppk, nip: pns.nip }, 'NIP_OF_OTHER_KIND'],
    ['no name', { ...pns, name: '\t' }, 'TEXT_REQUIRED'],
  ])('is refused with %s', (_, input, refused) => {
    expect(() => registerEmployee('e', 'a', input, judgement)).toThrow(code(refused));
  });
});

describe('a correction', () => {
  const at = { agencyId: 'a', latestStart: '2012-05-01' };
  test('says how it is now, as a new version', () => {
    const { state, events } = correctEmployee(employee, { ...pns, name: 'Siti Aminah' }, 3, at, judgement);
    expect(state).toEqual({ ...employee, name: 'Siti Aminah', version: 4 });
    expect(events[0]?.type).toBe('EmployeeCorrected');
  });
  test('is refused when the record was changed meanwhile, or when something happened before the new first day', () => {
    expect(() => correctEmployee(employee, pns, 2, at, judgement)).toThrow(code('CONFLICT'));
    const late = { ...pns, serviceFrom: '2012-05-02' };
    expect(() => correctEmployee(employee, late, 3, at, judgement)).toThrow(code('SERVICE_FROM_TOO_LATE'));
    expect(correctEmployee(employee, late, 3, { ...at, latestStart: null }, judgement).state.serviceFrom).toBe(
      '2012-05-02',
    );
  });
});

test('a transfer ends one employment on the day before the next begins', () => {
  const { state } = transferEmployee(employee, current, 'b', '2026-03-01');
  expect(state.from.validTo).toBe('2026-02-28');
  expect(state.to).toEqual({ employeeId: 'e', agencyId: 'b', validFrom: '2026-03-01', validTo: null });
  expect(() => transferEmployee(employee, current, 'a', '2026-03-01')).toThrow(code('TRANSFER_TO_SAME_AGENCY'));
  expect(() => transferEmployee(employee, current, 'b', '2010-01-01')).toThrow(code('TRANSFER_TOO_EARLY'));
  const left = { ...employee, leftOn: '2025-01-01' };
  expect(() => transferEmployee(left, current, 'b', '2026-03-01')).toThrow(code('EMPLOYEE_LEFT'));
});

test('who leaves, leaves once, and not before the first day', () => {
  const { state, events } = leave(employee, current, '2026-12-31');
  expect(state).toEqual({
    employee: { ...employee, leftOn: '2026-12-31', version: 4 },
    employment: { ...current, validTo: '2026-12-31' },
  });
  expect(events).toEqual([{ type: 'EmployeeLeft', employee: state.employee, agencyId: 'a', validTo: '2026-12-31' }]);
  expect(() => leave(state.employee, state.employment, '2026-12-31')).toThrow(code('EMPLOYEE_LEFT'));
  expect(() => leave(employee, current, '2009-12-31')).toThrow(code('LEFT_BEFORE_SERVICE'));
});

test('a day lies in one employment, or in none', () => {
  const before = { ...current, validTo: '2020-12-31' };
  const after = { ...current, agencyId: 'b', validFrom: '2021-01-01' };
  const field = 'validFrom';
  expect(employmentAt([before, after], '2021-01-01', { field })).toBe(after);
  expect(employmentAt([before, after], '2020-12-31', { agencyId: 'a', field })).toBe(before);
  expect(() => employmentAt([before, after], '2021-01-01', { agencyId: 'a', field })).toThrow(code('NOT_EMPLOYED'));
  expect(() => employmentAt([before, after], '2009-12-31', { field })).toThrow(code('NOT_EMPLOYED'));
});
