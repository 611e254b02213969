/** Partner agencies: a machine client sees whom an agreement that stands today names, and nobody else. */

import type { ServiceContext } from '@merit/chassis/api/context';
import type { Viewer } from '@merit/chassis/api/viewer';
import { chassisMigrations } from '@merit/chassis/database';
import { deliver } from '@merit/chassis/in/consumer';
import { testContext, testDatabase } from '@merit/chassis/testing';
import {
  AgreementEndedSchema,
  AgreementSignedSchema,
  AssignmentEndedSchema,
  EmployeeLeftSchema,
  EmployeeTransferredSchema,
  UnitMovedSchema,
} from '@merit/proto/personnel';
import { type About, type Audience, demand, judge } from '../src/access.js';
import { directoryMigrations, directorySubscription } from '../src/directory.js';
import { as, at, event, id, noon, settleAnew } from './town.js';

const database = testDatabase({ entities: [], migrations: [chassisMigrations, directoryMigrations] });
const told = (...events: Parameters<typeof deliver>[2]) => deliver(database.db, [directorySubscription], events);

const client: Viewer = { kind: 'CLIENT', subject: 'bkn', clientId: 'bkn' };
const other: Viewer = { kind: 'CLIENT', subject: 'bps', clientId: 'bps' };
const may = (viewer: Viewer, to: Audience[], about: About, over: Partial<ServiceContext> = {}) =>
  judge(testContext(database.db, viewer, { ...noon('2026-06-15'), ...over }), to, about);
const sees = (name: string, day = '2026-06-15', viewer = client) =>
  may(viewer, ['PARTNER'], { employee: id(name) }, noon(day));

const signed = (name: string, over: object = {}) =>
  event(AgreementSignedSchema, {
    agreementId: id(name),
    clientId: 'bkn',
    agencyId: id('kota'),
    employeeIds: [],
    unitIds: [],
    validFrom: '2026-01-01',
    ...over,
  });
const ended = (name: string, validTo: string) =>
  event(AgreementEndedSchema, { agreementId: id(name), clientId: 'bkn', validTo });

beforeEach(() => settleAnew(database.db));

test('without an agreement a client sees nobody, and nothing that is not for partners', async () => {
  expect(await sees('staf')).toBe(false);
  await told(signed('data', { employeeIds: [id('staf')] }));
  expect(await sees('staf')).toBe(true);
  const others: Audience[] = ['STAFF', 'SELF', 'SUPERVISOR', 'DIRECT_SUPERVISOR', 'HR', 'OFFICER', 'AUDITOR', 'ADMIN'];
  expect(await may(client, others, { employee: id('staf') })).toBe(false);
  expect(await may(client, others, { employee: id('staf') }, { firstAdmin: 'bkn' })).toBe(false);
});

test('an agreement is one client’s, and for the people whom it names', async () => {
  await told(signed('data', { employeeIds: [id('staf')] }));
  expect(await sees('staf', '2026-06-15', other)).toBe(false);
  expect(await sees('rekan')).toBe(false);
  expect(await may(as('rekan'), ['PARTNER'], { employee: id('staf') })).toBe(false);
  expect(await may({ kind: 'OPERATOR', subject: 'bkn' }, ['PARTNER'], { employee: id('staf') })).toBe(false);
});

test('it holds from its first day to its last, and not after it was ended', async () => {
  await told(signed('data', { employeeIds: [id('staf')], validTo: '2026-12-31' }));
  expect(await sees('staf', '2025-12-31')).toBe(false);
  expect(await sees('staf', '2026-01-01')).toBe(true);
  expect(await sees('staf', '2026-12-31')).toBe(true);
  expect(await sees('staf', '2027-01-01')).toBe(false);
  await told(ended('data', '2026-06-14'));
  expect(await sees('staf', '2026-06-14')).toBe(true);
  expect(await sees('staf', '2026-06-15')).toBe(false);
});

test('a unit is shared with those below and with whoever holds a position there today', async () => {
  await told(signed('data', { unitIds: [id('bidang')] }));
  expect(await Promise.all(['kadis', 'kabid', 'kasi', 'staf'].map((name) => sees(name)))).toEqual([
    false,
    true,
    true,
    true,
  ]);
  await told(
    event(AssignmentEndedSchema, {
      assignmentId: id('staf@seksi'),
      employeeId: id('staf'),
      validTo: '2026-06-14',
      recordedAt: at('2026-06-01T00:00:00Z'),
    }),
  );
  expect(await sees('staf')).toBe(false);
  await told(event(UnitMovedSchema, { unitId: id('seksi'), parentId: id('dinas'), validFrom: '2026-06-15' }));
  expect(await sees('kasi', '2026-06-14')).toBe(true);
  expect(await sees('kasi')).toBe(false);
});

test('an agency shares its own people: after a transfer, or when they have left, no more', async () => {
  await told(signed('data', { employeeIds: [id('staf'), id('rekan'), id('hr kab')] }));
  expect(await sees('hr kab')).toBe(false);
  await told(
    event(EmployeeTransferredSchema, {
      employeeId: id('staf'),
      fromAgencyId: id('kota'),
      toAgencyId: id('kabupaten'),
      validFrom: '2026-06-15',
    }),
    event(EmployeeLeftSchema, { employeeId: id('rekan'), validTo: '2026-06-14' }),
  );
  expect(await Promise.all(['staf', 'rekan'].map((name) => sees(name, '2026-06-14')))).toEqual([true, true]);
  expect(await Promise.all(['staf', 'rekan'].map((name) => sees(name)))).toEqual([false, false]);
});

test('what is an agency’s or a unit’s is open while any agreement with the agency stands', async () => {
  expect(await may(client, ['PARTNER'], { agency: id('kota') })).toBe(false);
  await told(signed('data', { employeeIds: [id('staf')] }));
  expect(await may(client, ['PARTNER'], { agency: id('kota').toUpperCase() })).toBe(true);
  expect(await may(client, ['PARTNER'], { unit: id('seksi') })).toBe(true);
  expect(await may(client, ['PARTNER'], { agency: id('kabupaten') })).toBe(false);
  expect(await may(client, ['PARTNER'], { unit: id('kecamatan') })).toBe(false);
  expect(await may(client, ['PARTNER'], {})).toBe(false);
  await told(ended('data', '2026-06-14'));
  expect(await may(client, ['PARTNER'], { agency: id('kota') })).toBe(false);
});

test('a directory that has heard nothing for too long judges no agreement', async () => {
  await told(signed('data', { employeeIds: [id('staf')] }));
  const after = (minutes: number) => ({
    ...noon('2026-06-15'),
    freshness: { ageMs: async () => minutes * 60_000, limitMs: 15 * 60_000 },
  });
  const ask = (to: Audience[], minutes: number) =>
    demand(testContext(database.db, client, after(minutes)), to, { employee: id('staf') }).then(
      () => 'allowed',
      (error) => error.code,
    );
  expect(await ask(['PARTNER'], 15)).toBe('allowed');
  expect(await ask(['PARTNER'], 16)).toBe('DIRECTORY_STALE');
  expect(await ask(['HR'], 16)).toBe('FORBIDDEN');
});

test('the events in any order and twice say the same', async () => {
  const events = [signed('data', { employeeIds: [id('staf')], unitIds: [id('bidang')] })];
  await told(...events, ...events);
  await told(ended('data', '2026-06-14'));
  await told(...events);
  expect(await sees('staf')).toBe(false);
});
