/** An event about somebody that was set aside: what they are is not known, and nobody is judged by what it was before. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { chassisMigrations } from '@merit/chassis/database';
import { discardDeadLetter } from '@merit/chassis/in/deadletter';
import { testContext, testDatabase } from '@merit/chassis/testing';
import { testConsumer } from '@merit/chassis/testing.consumer';
import { publisherOf, withValue } from '@merit/chassis/testing.contracts';
import { file_merit_personnel_v1_events as contract } from '@merit/proto/personnel';
import { type Audience, demand } from '../src/access.js';
import { directoryMigrations, directorySubscription } from '../src/directory.js';
import { as, id } from './town.js';

const database = testDatabase({ entities: [], migrations: [chassisMigrations, directoryMigrations] });
const { read } = testConsumer(database, [directorySubscription]);
const now = publisherOf(contract);
const newer = publisherOf(contract, withValue('Role', 'ROLE_MEDIATOR', 60));

const of = (grant: string, key: string, sequence = 1) => ({ aggregate: `grant/${id(grant)}`, key, sequence });
const granted = (grant: string, subject: string, role: string) => ({
  ...{ grantId: id(grant), subject, role, agencyId: id('kota'), validFrom: '2020-01-01' },
});
const person = (name: string) => ({
  ...{ employeeId: id(name), agencyId: id('kota'), kind: 'EMPLOYMENT_KIND_PNS', serviceFrom: '2020-01-01' },
});
const registered = (name: string) =>
  now('EmployeeRegistered', person(name), { aggregate: `employee/${id(name)}`, key: id(name), sequence: 1 });

const over: Partial<ServiceContext> = { now: () => new Date('2026-06-15T05:00:00Z') };
const ask = (viewer: Parameters<typeof testContext>[1], to: Audience[], name = 'staf'): Promise<string> =>
  demand(testContext(database.db, viewer, over), to, { employee: id(name), agency: id('kota') }).then(
    () => 'allowed',
    (error) => error.code,
  );

beforeAll(() =>
  read(
    now('AgencyRegistered', { agencyId: id('kota'), name: 'Kota', timeZone: 'Asia/Jakarta' }),
    ...['staf', 'old hr', 'hr', 'leaver'].map(registered),
    now('RoleGranted', granted('old', id('old hr'), 'ROLE_HR'), of('old', id('old hr'))),
    now('RoleGranted', granted('hr', id('hr'), 'ROLE_HR'), of('hr', id('hr'))),
    now('RoleGranted', granted('admin', 'operator', 'ROLE_ADMIN'), of('admin', 'operator')),
  ),
);

test('a role that was revoked behind it opens nothing, until it is settled', async () => {
  expect(await ask(as('old hr'), ['HR'])).toBe('allowed');
  await read(
    newer('RoleGranted', granted('new', id('old hr'), 'ROLE_MEDIATOR'), of('new', id('old hr'))),
    now(
      'RoleRevoked',
      { grantId: id('old'), subject: id('old hr'), validTo: '2026-06-14' },
      of('old', id('old hr'), 2),
    ),
  );
  const letters: { id: string; code: string }[] = await database.db.query(
    'select id, code from dead_letter order by id',
  );
  expect(letters.map(({ code }) => code)).toEqual(['EVENT_UNREADABLE', 'WAITS']);
  expect(await ask(as('old hr'), ['HR'])).toBe('DIRECTORY_STALE');
  expect(await ask(as('old hr'), ['STAFF'])).toBe('DIRECTORY_STALE');
  expect(await ask(as('old hr'), ['PARTNER'])).toBe('FORBIDDEN');
  expect(await ask(as('old hr'), ['SELF', 'HR'], 'old hr')).toBe('allowed');
  expect(await ask(as('old hr'), ['HR'], 'old hr')).toBe('FORBIDDEN');
  // Of everyone else it is known.
  expect(await ask(as('hr'), ['HR'], 'old hr')).toBe('allowed');

  await discard(letters[0]!.id);
  expect(await ask(as('old hr'), ['HR'])).toBe('FORBIDDEN');
  expect(await ask(as('old hr'), ['STAFF'])).toBe('allowed');
});

test('nor does service that has ended behind it, nor a role of an operator', async () => {
  const leaver = { key: id('leaver'), aggregate: `employee/${id('leaver')}` };
  await read(
    newer('RoleGranted', granted('leaving', id('leaver'), 'ROLE_MEDIATOR'), of('leaving', id('leaver'))),
    now('EmployeeLeft', { employeeId: id('leaver'), validTo: '2026-06-01' }, { ...leaver, sequence: 2 }),
    newer('RoleGranted', granted('more', 'operator', 'ROLE_MEDIATOR'), of('more', 'operator')),
  );
  expect(await ask(as('leaver'), ['STAFF'])).toBe('DIRECTORY_STALE');
  expect(await ask({ kind: 'OPERATOR', subject: 'operator' }, ['ADMIN'])).toBe('DIRECTORY_STALE');
});

const discard = (letter: string) =>
  discardDeadLetter(database.db, [directorySubscription], letter, { by: 'operator/test', reason: 'a rehearsal' });
