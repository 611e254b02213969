/** The directory reads what an older and a newer personnel publish, in their bytes. */

import { chassisMigrations } from '@merit/chassis/database';
import { testDatabase } from '@merit/chassis/testing';
import { testConsumer } from '@merit/chassis/testing.consumer';
import { publisherOf, renaming, withField, withMessage, without, withValue } from '@merit/chassis/testing.contracts';
import { file_merit_personnel_v1_events as contract } from '@merit/proto/personnel';
import { directoryMigrations, directorySubscription, personAt } from '../src/directory.js';
import { id } from './town.js';

const database = testDatabase({ entities: [], migrations: [chassisMigrations, directoryMigrations] });
const { read, letters, counted } = testConsumer(database, [directorySubscription]);

const now = publisherOf(contract);
const older = publisherOf(
  contract,
  without('PositionAssigned', 'position_title'),
  without('EmployeeRegistered', 'contract_from', 'contract_to'),
);
const newer = publisherOf(
  contract,
  withField('EmployeeRegistered', 'cohort', 60),
  withField('PositionAssigned', 'salary_class', 60),
  renaming('PositionAssigned', 'position_title', 'title_of_position'),
  withValue('EmploymentKind', 'EMPLOYMENT_KIND_SECONDED', 60),
  withValue('AssignmentKind', 'ASSIGNMENT_KIND_SHARED', 60),
  withValue('Role', 'ROLE_MEDIATOR', 60),
  withMessage('EmployeePraised', 'words'),
);

const subject = (name: string, sequence = 1) => ({ aggregate: `employee/${id(name)}`, key: id(name), sequence });
const person = async (name: string) => (await personAt(database.db, [id(name)], '2026-06-15')).get(id(name));
const employee = (name: string) => ({
  employeeId: id(name),
  agencyId: id('agency'),
  kind: 'EMPLOYMENT_KIND_PNS',
  serviceFrom: '2020-01-01',
});
const position = (name: string) => ({
  assignmentId: id(`${name} holds`),
  employeeId: id(name),
  positionId: id('position'),
  unitId: id('unit'),
  kind: 'ASSIGNMENT_KIND_DEFINITIF',
  validFrom: '2020-01-01',
  recordedAt: '2026-01-01T00:00:00Z',
});

beforeAll(() =>
  read(
    now('AgencyRegistered', { agencyId: id('agency'), name: 'Kota', timeZone: 'Asia/Jakarta' }),
    now('UnitRegistered', { unitId: id('unit'), agencyId: id('agency'), name: 'Dinas', validFrom: '2020-01-01' }),
  ),
);

test('what an older personnel says, without the fields that came later', async () => {
  await read(
    older('EmployeeRegistered', employee('old'), subject('old')),
    older('PositionAssigned', position('old'), subject('old', 2)),
  );
  expect(await letters()).toEqual([]);
  expect(await person('old')).toMatchObject({ agencyId: id('agency'), unitId: id('unit') });
});

test('what a newer personnel says: more fields, and another name under the same number', async () => {
  await read(
    newer('EmployeeRegistered', { ...employee('new'), cohort: '2026' }, subject('new')),
    newer('PositionAssigned', { ...position('new'), titleOfPosition: 'Analis', salaryClass: '7' }, subject('new', 2)),
  );
  expect(await letters()).toEqual([]);
  expect(await person('new')).toMatchObject({ unitId: id('unit') });
  const [{ position_title: title }] = await database.db.query(
    'select position_title from directory_assignment where employee_id = $1',
    [id('new')],
  );
  expect(title).toBe('Analis');
});

test('a type of events that it does not know is counted and passed over, and what follows of the same person is applied', async () => {
  const unknown = await counted('unknown');
  await read(
    newer('EmployeeRegistered', employee('praised'), subject('praised')),
    newer('EmployeePraised', { words: 'well done' }, subject('praised', 2)),
    newer('PositionAssigned', position('praised'), subject('praised', 3)),
  );
  expect(await counted('unknown')).toBe(unknown + 1);
  expect(await letters()).toEqual([]);
  expect(await person('praised')).toMatchObject({ unitId: id('unit') });
});

test.each([
  ['EmployeeRegistered', 'seconded', { ...employee('seconded'), kind: 'EMPLOYMENT_KIND_SECONDED' }],
  ['PositionAssigned', 'sharing', { ...position('sharing'), kind: 'ASSIGNMENT_KIND_SHARED' }],
  [
    'RoleGranted',
    'mediator',
    { grantId: id('mediation'), subject: id('mediator'), role: 'ROLE_MEDIATOR', validFrom: '2020-01-01' },
  ],
])('a value that it does not know parks %s with its key, and no other', async (type, name, value) => {
  await read(
    newer(type, value, subject(name)),
    newer('EmployeeRegistered', employee(`after ${name}`), subject(`after ${name}`)),
  );
  expect((await letters()).filter(({ key }) => key === id(name))).toEqual([
    { code: 'EVENT_UNREADABLE', key: id(name), type: `merit.personnel.v1.${type}` },
  ]);
  expect(await person(`after ${name}`)).toBeDefined();
});
