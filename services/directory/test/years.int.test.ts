/** Relations bounded in time: a calendar year is its supervisors' and its agency's, whoever has the person now. */
import { chassisMigrations } from '@merit/chassis/database';
import { deliver } from '@merit/chassis/in/consumer';
import { testContext, testDatabase } from '@merit/chassis/testing';
import {
  AssignmentEndedSchema,
  EmployeeLeftSchema,
  EmployeeTransferredSchema,
  Role,
  SupervisorChangedSchema,
} from '@merit/proto/personnel';
import { type About, type Audience, judge } from '../src/access.js';
import { directoryMigrations, directorySubscription } from '../src/directory.js';
import { as, at, employee, event, grant, holds, id, leads, noon, RECORDED, settleAnew } from './town.js';

const database = testDatabase({ entities: [], migrations: [chassisMigrations, directoryMigrations] });
const told = (...events: Parameters<typeof deliver>[2]) => deliver(database.db, [directorySubscription], events);

const may = (name: string, to: Audience, about: Partial<About>, day = '2026-06-15') =>
  judge(testContext(database.db, as(name), noon(day)), [to], { employee: id('staf'), ...about });
/** Who of these is one with regard to staf in a year. */
const those = async (names: readonly string[], to: Audience, year: number, day?: string) => {
  const found = await Promise.all(names.map((name) => may(name, to, { year }, day)));
  return names.filter((_, i) => found[i]);
};
const ends = (name: string, unit: string, validTo: string) =>
  event(AssignmentEndedSchema, {
    assignmentId: id(`${name}@${unit}`),
    employeeId: id(name),
    validTo,
    recordedAt: at('2026-01-02T00:00:00Z'),
  });
const transferred = event(EmployeeTransferredSchema, {
  employeeId: id('staf'),
  fromAgencyId: id('kota'),
  toAgencyId: id('kabupaten'),
  validFrom: '2026-03-01',
});

beforeEach(() => settleAnew(database.db));

describe('supervisors', () => {
  const LINE = ['kadis', 'kabid', 'kasi', 'rekan', 'penerus'];

  test('keep the years in which they were, and have none before', async () => {
    await told(
      ends('kasi', 'seksi', '2025-09-30'),
      employee('penerus', 'kota'),
      leads('penerus', 'seksi', { validFrom: '2025-10-01', assignmentId: id('penerus@seksi') }),
    );
    expect(await those(LINE, 'SUPERVISOR', 2024)).toEqual(['kadis', 'kabid', 'kasi']);
    expect(await those(LINE, 'SUPERVISOR', 2025)).toEqual(['kadis', 'kabid', 'kasi', 'penerus']);
    expect(await those(LINE, 'SUPERVISOR', 2026)).toEqual(['kadis', 'kabid', 'penerus']);
    expect(await may('kasi', 'SUPERVISOR', {})).toBe(false);
  });

  test('of the year that runs are those up to today, and of one to come those of today', async () => {
    await told(
      ends('kasi', 'seksi', '2026-06-15'),
      employee('penerus', 'kota'),
      leads('penerus', 'seksi', { validFrom: '2026-06-16', assignmentId: id('penerus@seksi') }),
    );
    expect(await those(['kasi', 'penerus'], 'SUPERVISOR', 2026)).toEqual(['kasi']);
    expect(await those(['kasi', 'penerus'], 'SUPERVISOR', 2026, '2026-06-16')).toEqual(['kasi', 'penerus']);
    expect(await those(['kasi', 'penerus'], 'SUPERVISOR', 2027)).toEqual(['kasi']);
    expect(await those(['kasi', 'penerus'], 'SUPERVISOR', 2027, '2026-06-16')).toEqual(['penerus']);
  });

  test('the direct one is told from those above, of each time', async () => {
    await told(ends('kasi', 'seksi', '2025-09-30'));
    expect(await those(LINE, 'DIRECT_SUPERVISOR', 2024)).toEqual(['kasi']);
    expect(await those(LINE, 'DIRECT_SUPERVISOR', 2025)).toEqual(['kabid', 'kasi']);
    expect(await those(LINE, 'DIRECT_SUPERVISOR', 2026)).toEqual(['kabid']);
    expect(await may('kabid', 'DIRECT_SUPERVISOR', {})).toBe(true);
    expect(await may('kadis', 'DIRECT_SUPERVISOR', {})).toBe(false);
  });

  test('who was set by hand for some days has the years of these days', async () => {
    await told(
      event(SupervisorChangedSchema, {
        overrideId: id('override'),
        employeeId: id('staf'),
        supervisorId: id('rekan'),
        validFrom: '2024-12-31',
        validTo: '2025-01-01',
        recordedAt: RECORDED,
      }),
    );
    const years = await Promise.all([2023, 2024, 2025, 2026].map((year) => may('rekan', 'SUPERVISOR', { year })));
    expect(years).toEqual([false, true, true, false]);
  });

  test('where a person moves, the former line keeps its years', async () => {
    await told(
      ends('staf', 'seksi', '2025-12-31'),
      employee('camat', 'kabupaten'),
      leads('camat', 'kecamatan'),
      holds('staf', 'kecamatan', { validFrom: '2026-01-01', assignmentId: id('staf@kecamatan') }),
    );
    const line = ['kadis', 'kabid', 'kasi', 'camat'];
    expect(await those(line, 'SUPERVISOR', 2025)).toEqual(['kadis', 'kabid', 'kasi']);
    expect(await those(line, 'SUPERVISOR', 2026)).toEqual(['camat']);
  });

  test('who has left the civil service supervises in no year', async () => {
    expect(await may('kasi', 'SUPERVISOR', { year: 2025 })).toBe(true);
    await told(event(EmployeeLeftSchema, { employeeId: id('kasi'), validTo: '2026-06-14' }));
    expect(await may('kasi', 'SUPERVISOR', { year: 2025 })).toBe(false);
  });

  test('cost the same few statements however often something changed', async () => {
    const count = async () => {
      const statements: string[] = [];
      const query = database.db.query.bind(database.db);
      const counting = (sql: string, parameters?: unknown[]) => {
        statements.push(sql);
        return query(sql, parameters);
      };
      const context = testContext(database.db, as('kadis'), noon('2026-06-15'));
      const db = Object.create(database.db, { query: { value: counting } });
      expect(await judge({ ...context, db }, ['SUPERVISOR'], { employee: id('staf'), year: 2025 })).toBe(true);
      return statements.length;
    };
    const before = await count();
    const weeks = Array.from({ length: 20 }, (_, n) => `2025-${String(1 + (n % 12)).padStart(2, '0')}-${10 + n}`);
    await told(
      ...weeks.map((day) =>
        event(SupervisorChangedSchema, {
          overrideId: id(`week ${day}`),
          employeeId: id('staf'),
          supervisorId: id('kasi'),
          validFrom: day,
          validTo: day,
          recordedAt: RECORDED,
        }),
      ),
    );
    expect(await count()).toBe(before);
  });
});

describe.each(['HR', 'AUDITOR'] as const)('%s after a transfer', (role) => {
  const OFFICES = ['of kota', 'of kab'];
  beforeEach(() =>
    told(
      grant(id('of kota'), role === 'HR' ? Role.HR : Role.AUDITOR, { agencyId: id('kota') }),
      grant(id('of kab'), role === 'HR' ? Role.HR : Role.AUDITOR, { agencyId: id('kabupaten') }),
      transferred,
    ),
  );

  test('the origin keeps its years, the destination has those since', async () => {
    expect(await those(OFFICES, role, 2025)).toEqual(['of kota']);
    expect(await those(OFFICES, role, 2026)).toEqual(['of kota', 'of kab']);
    expect(await those(OFFICES, role, 2027)).toEqual(['of kab']);
    expect(await those(OFFICES, role, 2026, '2026-02-28')).toEqual(['of kota']);
  });

  test('what may follow the person is open to today’s office as well', async () => {
    const may2025 = (name: string) => may(name, role, { year: 2025, orToday: true });
    expect(await Promise.all(OFFICES.map(may2025))).toEqual([true, true]);
    expect(await may('of kota', role, { year: 2027, orToday: true })).toBe(false);
  });

  test('to oneself one is nothing but SELF, in any year', async () => {
    await told(employee('of kota', 'kota'));
    expect(await may('of kota', role, { employee: id('of kota'), year: 2025 })).toBe(false);
    expect(await may('of kota', 'SELF', { employee: id('of kota'), year: 2025 })).toBe(true);
  });
});

test('years beyond the calendar, and people of whom nothing is known, are nobody’s', async () => {
  for (const year of [-2_000_000_000, 0, 1, 9999, 2_000_000_000]) {
    expect(await may('rekan', 'SUPERVISOR', { year })).toBe(false);
    expect(await may('hr kab', 'HR', { year })).toBe(false);
  }
  expect(await may('kasi', 'SUPERVISOR', { employee: id('nobody'), year: 2025 })).toBe(false);
  expect(await may('hr kota', 'HR', { employee: id('nobody'), year: 2025 })).toBe(false);
});
