import type { ServiceContext } from '@merit/chassis/api/context';
import type { Viewer } from '@merit/chassis/api/viewer';
import { chassisMigrations } from '@merit/chassis/database';
import { deliver } from '@merit/chassis/in/consumer';
import { testContext, testDatabase } from '@merit/chassis/testing';
import {
  AssignmentEndedSchema,
  EmployeeLeftSchema,
  EmployeeTransferredSchema,
  Role,
  RoleRevokedSchema,
} from '@merit/proto/personnel';
import { type About, type Audience, demand, judge } from '../src/access.js';
import { directoryMigrations, directorySubscription } from '../src/directory.js';
import { as, at, event, grant, grantId, id, noon, town } from './town.js';

const database = testDatabase({ entities: [], migrations: [chassisMigrations, directoryMigrations] });
const told = (...events: Parameters<typeof deliver>[2]) => deliver(database.db, [directorySubscription], events);
beforeAll(() => told(...town()));

const system: Viewer = { kind: 'OPERATOR', subject: 'system' };
const client: Viewer = { kind: 'CLIENT', subject: 'bkn', clientId: 'bkn' };
const may = (viewer: Viewer, to: Audience[], about: About = {}, over: Partial<ServiceContext> = {}) =>
  judge(testContext(database.db, viewer, { ...noon('2026-06-15'), ...over }), to, about);

const STAF: About = { employee: id('staf') };

describe('an audience', () => {
  test.each<[Audience, string, boolean]>([
    ['SELF', 'staf', true],
    ['SELF', 'rekan', false],
    ['SUPERVISOR', 'kasi', true],
    ['SUPERVISOR', 'kabid', true],
    ['SUPERVISOR', 'kadis', true],
    ['SUPERVISOR', 'rekan', false],
    ['SUPERVISOR', 'staf', false],
    ['HR', 'hr kota', true],
    ['HR', 'hr kab', false],
    ['HR', 'auditor', false],
    ['AUDITOR', 'auditor', true],
    ['AUDITOR', 'hr kota', false],
    ['ADMIN', 'hr kota', false],
    ['PARTNER', 'hr kota', false],
    ['STAFF', 'rekan', true],
    ['STAFF', 'unknown yet', true],
  ])('%s of staf: %s, %s', async (audience, name, expected) => {
    expect(await may(as(name), [audience], STAF)).toBe(expected);
  });

  test('is one of several', async () => {
    expect(await may(as('hr kota'), ['SELF', 'SUPERVISOR', 'HR'], STAF)).toBe(true);
    expect(await may(as('rekan'), ['SELF', 'SUPERVISOR', 'HR'], STAF)).toBe(false);
  });

  test('PUBLIC is anyone, and the public is nothing else', async () => {
    const others: Audience[] = ['STAFF', 'SELF', 'SUPERVISOR', 'HR', 'OFFICER', 'PARTNER', 'AUDITOR', 'ADMIN'];
    for (const viewer of [{ kind: 'PUBLIC' } as const, client]) {
      expect(await may(viewer, ['PUBLIC'], STAF)).toBe(true);
      expect(await may(viewer, others, STAF)).toBe(false);
    }
  });

  test('that is judged by an id which is not there is empty', async () => {
    for (const about of [
      {},
      { employee: null },
      { employee: id('nobody') },
      { unit: id('nobody') },
      { agency: id('nobody') },
    ]) {
      expect(await may(as('hr kota'), ['SELF', 'SUPERVISOR', 'HR', 'OFFICER', 'AUDITOR'], about)).toBe(false);
    }
  });

  test('HR is judged by the agency of an employee, of a unit, or named', async () => {
    expect(await may(as('hr kota'), ['HR'], { unit: id('seksi') })).toBe(true);
    expect(await may(as('hr kota'), ['HR'], { unit: id('kecamatan') })).toBe(false);
    expect(await may(as('hr kota'), ['HR'], { agency: id('kota').toUpperCase() })).toBe(true);
    expect(await may(as('hr kota'), ['HR'], { agency: id('kabupaten') })).toBe(false);
  });

  test('HR of a person of whom nothing is known here yet is that of the agency named beside them, if one is', async () => {
    const [known, unknown] = [{ employee: id('staf') }, { employee: id('nobody yet') }];
    expect(await may(as('hr kota'), ['HR'], { ...unknown, agency: id('kota') })).toBe(true);
    expect(await may(as('hr kab'), ['HR'], { ...unknown, agency: id('kota') })).toBe(false);
    expect(await may(as('hr kota'), ['HR'], unknown)).toBe(false);
    expect(await may(as('hr kab'), ['HR'], { ...known, agency: id('kabupaten') })).toBe(false);
    expect(await may(as('hr kota'), ['HR'], { unit: id('no unit'), agency: id('kota') })).toBe(false);
  });

  test('to oneself is SELF alone: an officer does not judge their own record', async () => {
    expect(await may(as('hr kota'), ['HR'], { employee: id('hr kota') })).toBe(false);
    expect(await may(as('hr kota'), ['SELF', 'HR'], { employee: id('hr kota') })).toBe(true);
  });
});

describe('roles', () => {
  test('the first ADMIN is named by configuration', async () => {
    expect(await may(system, ['ADMIN'])).toBe(false);
    expect(await may(system, ['STAFF'])).toBe(false);
    expect(await may(system, ['ADMIN'], {}, { firstAdmin: 'system' })).toBe(true);
    expect(await may(system, ['STAFF'], {}, { firstAdmin: 'system' })).toBe(false);
    expect(await may(system, ['SELF', 'SUPERVISOR', 'HR'], STAF, { firstAdmin: 'system' })).toBe(false);
  });

  test('of who is no employee go by the subject of the token, and make nobody STAFF', async () => {
    const operator: Viewer = { kind: 'OPERATOR', subject: 'operator' };
    await told(grant('operator', Role.HR, { agencyId: id('kota'), validTo: '2026-06-30' }));
    expect(await may(operator, ['HR'], STAF)).toBe(true);
    expect(await may(operator, ['STAFF'])).toBe(false);
    expect(await may(operator, ['HR'], STAF, noon('2026-07-01'))).toBe(false);
  });

  test('are an employee’s by their id, whatever subject another token has', async () => {
    expect(await may({ kind: 'EMPLOYEE', subject: id('hr kota'), employeeId: id('rekan') }, ['HR'], STAF)).toBe(false);
  });

  test('end with the day of the agency, not of the server', async () => {
    await told(
      grant('west', Role.HR, { agencyId: id('kota'), validTo: '2026-06-15' }),
      grant('east', Role.HR, { agencyId: id('kabupaten'), validTo: '2026-06-15' }),
    );
    const late = { now: () => new Date('2026-06-15T16:00:00Z') }; // 23:00 in Jakarta, 01:00 of the 16th in Jayapura
    expect(await may({ kind: 'OPERATOR', subject: 'west' }, ['HR'], { agency: id('kota') }, late)).toBe(true);
    expect(await may({ kind: 'OPERATOR', subject: 'east' }, ['HR'], { agency: id('kabupaten') }, late)).toBe(false);
  });

  test('can be taken back', async () => {
    await told(grant('leaving', Role.ADMIN));
    expect(await may({ kind: 'OPERATOR', subject: 'leaving' }, ['ADMIN'])).toBe(true);
    expect(await may({ kind: 'OPERATOR', subject: 'leaving' }, ['STAFF'])).toBe(false);
    await told(
      event(RoleRevokedSchema, { grantId: grantId('leaving', Role.ADMIN), subject: 'leaving', validTo: '2026-06-14' }),
    );
    expect(await may({ kind: 'OPERATOR', subject: 'leaving' }, ['ADMIN'])).toBe(false);
  });

  test('an officer’s is for a unit and those under it, or for the agency', async () => {
    await told(
      grant('of-bidang', Role.OFFICER, { agencyId: id('kota'), unitId: id('bidang') }),
      grant('of-kota', Role.OFFICER, { agencyId: id('kota') }),
    );
    const officer = (subject: string, unit: string) =>
      may({ kind: 'OPERATOR', subject }, ['OFFICER'], { unit: id(unit) });
    expect(
      await Promise.all(['dinas', 'bidang', 'seksi', 'kecamatan'].map((unit) => officer('of-bidang', unit))),
    ).toEqual([false, true, true, false]);
    expect(await Promise.all(['dinas', 'seksi', 'kecamatan'].map((unit) => officer('of-kota', unit)))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('relations are those of today', () => {
  afterEach(async () => {
    await database.db.query(
      'truncate directory_employment, directory_assignment, directory_assignment_end, directory_employee',
    );
    await told(...town());
  });

  test('a supervisor whose assignment ended is one no more', async () => {
    await told(
      event(AssignmentEndedSchema, {
        assignmentId: id('kasi@seksi'),
        employeeId: id('kasi'),
        validTo: '2026-06-15',
        recordedAt: at('2026-06-01T00:00:00Z'),
      }),
    );
    expect(await may(as('kasi'), ['SUPERVISOR'], STAF)).toBe(true);
    expect(await may(as('kasi'), ['SUPERVISOR'], STAF, noon('2026-06-16'))).toBe(false);
  });

  test('after a transfer the personnel officer is that of the new agency', async () => {
    await told(
      event(EmployeeTransferredSchema, {
        employeeId: id('staf'),
        fromAgencyId: id('kota'),
        toAgencyId: id('kabupaten'),
        validFrom: '2026-06-16',
      }),
    );
    const officers = (day: string) =>
      Promise.all(['hr kota', 'hr kab'].map((name) => may(as(name), ['HR'], STAF, noon(day))));
    expect(await officers('2026-06-15')).toEqual([true, false]);
    expect(await officers('2026-06-16')).toEqual([false, true]);
  });

  test('who has left is no civil servant any more, and still sees their own', async () => {
    await told(event(EmployeeLeftSchema, { employeeId: id('staf'), validTo: '2026-06-14' }));
    expect(await may(as('staf'), ['STAFF'])).toBe(false);
    expect(await may(as('staf'), ['SELF'], STAF)).toBe(true);
  });
});

describe('a directory that has heard nothing for too long', () => {
  const freshness = (minutes: number) => ({
    freshness: {
      ageMs: async () => minutes * 60_000,
      limitMs: 15 * 60_000,
    },
  });
  const ask = (viewer: Viewer, to: Audience[], minutes: number) =>
    demand(testContext(database.db, viewer, { ...noon('2026-06-15'), ...freshness(minutes) }), to, STAF).then(
      () => 'allowed',
      (error) => error.code,
    );

  test('judges no relation but SELF', async () => {
    expect(await ask(as('kasi'), ['SUPERVISOR'], 15)).toBe('allowed');
    expect(await ask(as('kasi'), ['SUPERVISOR'], 16)).toBe('DIRECTORY_STALE');
    expect(await ask(as('hr kota'), ['HR'], 16)).toBe('DIRECTORY_STALE');
    expect(await ask(as('staf'), ['SELF', 'SUPERVISOR'], 16)).toBe('allowed');
    expect(await ask(as('rekan'), ['STAFF'], 16)).toBe('allowed');
    expect(await ask(as('rekan'), ['ADMIN'], 16)).toBe('FORBIDDEN');
    expect(await ask({ kind: 'PUBLIC' }, ['HR'], 16)).toBe('FORBIDDEN');
  });
});

test('a thousand judgements of one request take a few statements, and none twice', async () => {
  const context = testContext(database.db, as('kadis'), noon('2026-06-15'));
  const statements: string[] = [];
  const query = database.db.query.bind(database.db);
  const counted = { ...context, db: Object.create(database.db, { query: { value: counting } }) };
  function counting(sql: string, parameters?: unknown[]) {
    statements.push(sql);
    return query(sql, parameters);
  }
  const people = ['staf', 'rekan', 'kasi', 'kabid'];
  const all = () =>
    Promise.all(
      Array.from({ length: 1000 }, (_, i) =>
        judge(counted, ['SELF', 'SUPERVISOR', 'HR'], { employee: id(people[i % 4]!) }),
      ),
    );
  expect((await all()).every(Boolean)).toBe(true);
  const once = statements.length;
  expect(once).toBeLessThan(25);
  await all();
  expect(statements).toHaveLength(once);
});
