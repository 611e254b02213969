/** The ledgers take in what older and newer publishers say, in their bytes. */
import { randomUUID } from 'node:crypto';
import { testConsumer } from '@merit/chassis/testing.consumer';
import { publisherOf, renaming, withField, withMessage, without, withValue } from '@merit/chassis/testing.contracts';
import { file_merit_performance_v1_events as performance } from '@merit/proto/performance';
import { file_merit_personnel_v1_events as personnel } from '@merit/proto/personnel';
import { v7 } from 'uuid';
import { subscriptions } from '../src/consumers.js';
import { agencyRegistered, NOW, story } from './story.js';

const house = story();
const { read, letters, counted } = testConsumer(house, subscriptions({ now: () => NOW, newId: () => v7() }));
const agency = randomUUID();

const olderPersonnel = publisherOf(personnel, without('EmployeeRegistered', 'contract_from', 'contract_to'));
const newerPersonnel = publisherOf(
  personnel,
  withField('EmployeeRegistered', 'cohort', 60),
  renaming('EmployeeRegistered', 'service_from', 'in_service_from'),
  withValue('EmploymentKind', 'EMPLOYMENT_KIND_SECONDED', 60),
  withMessage('EmployeePraised', 'words'),
);
const olderPerformance = publisherOf(performance, without('CheckpointReached', 'period_id'));
const newerPerformance = publisherOf(performance, withField('CheckpointReached', 'half', 60));

beforeAll(() => house.arrive(agencyRegistered(agency)));

const person = (employeeId: string, serviceFrom = 'serviceFrom') => ({
  employeeId,
  agencyId: agency,
  kind: 'EMPLOYMENT_KIND_PNS',
  [serviceFrom]: '2015-01-01',
});
const subject = (employeeId: string, sequence = 1) => ({
  key: employeeId,
  aggregate: `employee/${employeeId}`,
  sequence,
  occurredAt: NOW,
});
const yearsOf = async (employeeId: string): Promise<number[]> => {
  const rows: { year: number }[] = await house.db.query(
    'select year from ledger where employee_id = $1 order by year',
    [employeeId],
  );
  return rows.map(({ year }) => year);
};

test('a person whom an older personnel enters has a ledger', async () => {
  const id = randomUUID();
  await read(olderPersonnel('EmployeeRegistered', person(id), subject(id)));
  expect(await letters()).toEqual([]);
  expect(await yearsOf(id)).toEqual([2026]);
});

test('and whom a newer one enters, with an event between that nobody here knows', async () => {
  const [id, unknown] = [randomUUID(), await counted('unknown')];
  await read(
    newerPersonnel('EmployeeRegistered', { ...person(id, 'inServiceFrom'), cohort: '2026' }, subject(id)),
    newerPersonnel('EmployeePraised', { words: 'well done' }, subject(id, 2)),
    newerPersonnel('EmployeeLeft', { employeeId: id, validTo: '2026-05-31' }, subject(id, 3)),
  );
  expect(await counted('unknown')).toBe(unknown + 1);
  expect(await letters()).toEqual([]);
  expect(await yearsOf(id)).toEqual([2026]);
});

test('what hours someone of an unknown kind may count is not guessed: the person waits, and nobody else', async () => {
  const [seconded, other] = [randomUUID(), randomUUID()];
  await read(
    newerPersonnel(
      'EmployeeRegistered',
      { ...person(seconded, 'inServiceFrom'), kind: 'EMPLOYMENT_KIND_SECONDED' },
      subject(seconded),
    ),
    olderPersonnel('EmployeeRegistered', person(other), subject(other)),
  );
  expect(await letters()).toEqual([
    { code: 'EVENT_UNREADABLE', key: seconded, type: 'merit.personnel.v1.EmployeeRegistered' },
  ]);
  expect(await yearsOf(seconded)).toEqual([]);
  expect(await yearsOf(other)).toEqual([2026]);
});

test.each([
  ['an older', olderPerformance, 2027, {}],
  ['a newer', newerPerformance, 2028, { half: 'first' }],
])('%s performance opens a year for everyone', async (_, say, year, more) => {
  const [id, before] = [randomUUID(), (await letters()).length];
  await read(olderPersonnel('EmployeeRegistered', person(id), subject(id)));
  const checkpoint = { agencyId: agency, checkpoint: `${year}-01-01`, year, ...more };
  await read(say('CheckpointReached', checkpoint, { key: agency }));
  await house.arrive(); // works off what follows
  expect(await letters()).toHaveLength(before);
  expect(await yearsOf(id)).toContain(year);
});
