/** Who serves what and who is away is a read model: it can be taken back, person by person, and told anew. */
import { randomUUID } from 'node:crypto';
import type { ReceivedEvent } from '@merit/chassis/in/consumer';
import { ServiceEndedSchema } from '@merit/proto/personnel';
import { membershipModel } from '../src/membership/membership.consumer.js';
import { away, event, scene, serviceAssigned } from './scene.js';

const house = scene();
const [ana, budi, service] = [randomUUID(), randomUUID(), randomUUID()];

const apply = (events: readonly ReceivedEvent[]) =>
  house.database.db.transaction((tx) => membershipModel.apply(tx, events));
const forget = (...aggregates: string[]) =>
  house.database.db.transaction((tx) => membershipModel.forget(tx, aggregates));
const kept = async () =>
  Object.fromEntries(
    await Promise.all(
      membershipModel.tables.map(async (table) => [
        table,
        await house.database.db.query(`select * from ${table} order by id`),
      ]),
    ),
  );

const assignment = randomUUID();
const told = [
  serviceAssigned(ana, service, '2026-01-01', assignment),
  event(ServiceEndedSchema, {
    serviceAssignmentId: assignment,
    employeeId: ana,
    serviceId: service,
    validTo: '2026-03-31',
  }),
  away(ana, '2026-02-01', '2026-02-10'),
  serviceAssigned(budi, service),
  away(budi, '2026-05-01', '2026-05-02'),
];

test('it is told, forgotten and told again, and is the same; others stay as they are', async () => {
  await apply(told);
  const whole = await kept();
  expect(whole['service_assignment']).toHaveLength(2);
  expect(whole['absence']).toHaveLength(2);

  await forget(`employee/${ana}`, `unit/${randomUUID()}`, `employee/${randomUUID()}`);
  const without = await kept();
  expect(without['service_assignment'].map((row: { employee_id: string }) => row.employee_id)).toEqual([budi]);
  expect(without['absence'].map((row: { employee_id: string }) => row.employee_id)).toEqual([budi]);

  await apply(told.slice(0, 3));
  expect(await kept()).toEqual(whole);
});

test('it can be written beside itself, for it names its tables without a schema', async () => {
  const live = await kept();
  const { db } = house.database;
  await db.transaction(async (tx) => {
    await tx.query('create schema beside');
    for (const table of membershipModel.tables)
      await tx.query(`create table beside.${table} (like public.${table} including all)`);
    await tx.query('set local search_path = beside, public');
    await membershipModel.apply(tx, [serviceAssigned(randomUUID(), service)]);
    expect(await tx.query('select from beside.service_assignment')).toHaveLength(1);
  });
  expect(await kept()).toEqual(live);
});
