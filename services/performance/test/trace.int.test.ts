/** What moved a score gives it its trace, also where many events come at once. */
import { randomUUID } from 'node:crypto';
import { deliver, type ReceivedEvent } from '@merit/chassis/in/consumer';
import { AssignmentKind } from '@merit/proto/personnel';
import { v7 } from 'uuid';
import { subscriptions } from '../src/consumers.js';
import {
  admin,
  agencyRegistered,
  away,
  dataOf,
  employeeRegistered,
  hoursCounted,
  OPEN_PERIOD,
  positionAssigned,
  satisfactionMeasured,
  scene,
  serviceAssigned,
  serviceRegistered,
  unitRegistered,
} from './scene.js';

const house = scene('2026-06-15T03:00:00Z');
const [agency, unit] = [randomUUID(), randomUUID()];

beforeAll(async () => {
  await house.give(agencyRegistered(agency), unitRegistered(unit, agency));
  dataOf(await house.graph(admin, OPEN_PERIOD, { agencyId: agency, year: 2026 }));
  await house.workOffAll();
});

const traceparent = () => `00-${randomUUID().replaceAll('-', '')}-0000000000000001-01`;
const within = (event: ReceivedEvent, trace: string | null): ReceivedEvent => ({ ...event, traceparent: trace });

/** By person, the trace of what their score said last. */
async function lastTraces(): Promise<Record<string, string | null>> {
  const rows: { key: string; trace: string | null }[] = await house.database.db.query(
    `select distinct on (key) key, headers->>'traceparent' as trace from outbox
      where aggregate_type = 'score' order by key, id desc`,
  );
  return Object.fromEntries(rows.map(({ key, trace }) => [key, trace]));
}

test('of many events about several people, each score is in the trace of the last about its person', async () => {
  const [ana, budi, citra] = [randomUUID(), randomUUID(), randomUUID()];
  await house.give(...[ana, budi, citra].map((id) => employeeRegistered(id, agency)));
  const [first, second, third] = [traceparent(), traceparent(), traceparent()];
  const ledger = randomUUID();
  await house.give(
    within(hoursCounted(ana, ledger, [4]), first),
    within(hoursCounted(budi, randomUUID(), [8]), second),
    within(hoursCounted(ana, ledger, [4, 2]), third),
    within(hoursCounted(citra, randomUUID(), [3]), null),
  );
  expect(await lastTraces()).toMatchObject({ [ana]: third, [budi]: second, [citra]: null });
});

test('a score that moves because another took the lead is in the trace of that', async () => {
  const [lead, deputy] = [randomUUID(), randomUUID()];
  const service = randomUUID();
  await house.give(
    ...[lead, deputy].map((id) => employeeRegistered(id, agency)),
    serviceRegistered(service, unit),
    satisfactionMeasured(service, unit, '2026-05-31', 40, 3),
    positionAssigned(deputy, unit, { leading: true, kind: AssignmentKind.PLT }),
  );
  const [taken, elsewhere] = [traceparent(), traceparent()];
  await house.give(
    within(positionAssigned(lead, unit, { leading: true }), taken),
    within(away(randomUUID(), '2026-03-01', '2026-03-02'), elsewhere),
  );
  expect(await lastTraces()).toMatchObject({ [lead]: taken, [deputy]: taken });
});

test('what a service is measured at moves those who serve it in its trace, though chunks later', async () => {
  const [ana, service] = [randomUUID(), randomUUID()];
  await house.give(employeeRegistered(ana, agency), serviceAssigned(ana, service));
  const [early, late] = [traceparent(), traceparent()];
  const { db } = house.database;
  const here = { now: house.by.now, newId: () => v7() };
  const measured = satisfactionMeasured(service, unit, '2026-04-30', 40, 3);
  await deliver(db, subscriptions(here), [within(measured, early)]);
  await deliver(db, subscriptions(here), [
    within(satisfactionMeasured(service, unit, '2026-05-31', 40, 2), late),
    within(satisfactionMeasured(randomUUID(), unit, '2026-05-31', 40, 2), early),
  ]);
  await house.workOffAll();
  expect(await lastTraces()).toMatchObject({ [ana]: late });
});
