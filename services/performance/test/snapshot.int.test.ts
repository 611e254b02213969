/** Who begins with a snapshot of others ends where those are who heard everything, and what others are told of us. */
import { randomUUID } from 'node:crypto';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { ReceivedEvent } from '@merit/chassis/in/consumer';
import { encode } from '@merit/chassis/out/outbox';
import { SNAPSHOT } from '@merit/chassis/transport/envelope';
import { SnapshotSchema } from '@merit/proto/events';
import {
  ComplaintDeadlinePassedSchema,
  ComplaintForwardedSchema,
  ComplaintReopenedSchema,
  ComplaintResolvedSchema,
} from '@merit/proto/feedback';
import { reachCheckpoints } from '../src/period/period.commands.js';
import { sources } from '../src/snapshots.js';
import {
  admin,
  agencyRegistered,
  dataOf,
  employeeRegistered,
  event,
  hoursCounted,
  OPEN_PERIOD,
  positionAssigned,
  type Scene,
  satisfactionMeasured,
  scene,
  scoreOf,
  serviceAssigned,
  serviceRegistered,
  unitRegistered,
} from './scene.js';

const heardAll = scene('2026-06-15T03:00:00Z');
const heardSnapshot = scene('2026-06-15T03:00:00Z');
const [agency, unit, service] = [randomUUID(), randomUUID(), randomUUID()];
const [head, clerk] = [randomUUID(), randomUUID()];
const people = [
  agencyRegistered(agency),
  unitRegistered(unit, agency),
  ...[head, clerk].map((id) => employeeRegistered(id, agency)),
  positionAssigned(head, unit, { leading: true }),
  serviceAssigned(clerk, service),
];

beforeAll(async () => {
  for (const house of [heardAll, heardSnapshot]) {
    await house.give(...people);
    dataOf(await house.graph(admin, OPEN_PERIOD, { agencyId: agency, year: 2026 }));
    await house.workOffAll();
  }
});

/** The events of one aggregate, numbered. */
const numbered = (aggregate: string, events: readonly ReceivedEvent[]): ReceivedEvent[] =>
  events.map((each, n) => ({ ...each, aggregate, sequence: n + 1 }));

/** The same as a snapshot tells them: one record, under the number of the last, of the events that matter still. */
function told(events: readonly ReceivedEvent[], still = events): ReceivedEvent {
  const parts = still.map(({ id, type, payload, occurredAt }) => ({
    eventId: id,
    type,
    payload,
    occurredAt: timestampFromDate(occurredAt),
  }));
  const payload = encode(SnapshotSchema, { parts });
  return { ...events.at(-1)!, id: randomUUID(), type: SNAPSHOT, payload, snapshot: 'run', timeline: 2 };
}

const at = (moment: string) => timestampFromDate(new Date(moment));

/** Resolved in time, reopened, past its limit and resolved again: late, by the second limit's passing. */
function complaint(inTime: boolean): ReceivedEvent[] {
  const complaintId = randomUUID();
  const who = { complaintId, serviceId: service, unitId: unit };
  const resolved = (on: string, dueAt: string, good: boolean) =>
    event(ComplaintResolvedSchema, {
      ...who,
      handlerId: clerk,
      resolvedAt: at(on),
      dueAt: at(dueAt),
      workingMinutes: 60n,
      inTime: good,
    });
  const due = '2026-03-10T09:00:00Z';
  return numbered(`complaint/${complaintId}`, [
    event(ComplaintForwardedSchema, { ...who, forwardedAt: at('2026-03-02T03:00:00Z'), dueAt: at(due) }),
    resolved('2026-03-05T03:00:00Z', due, true),
    ...(inTime
      ? []
      : [
          event(ComplaintReopenedSchema, { ...who, reopenedAt: at('2026-03-09T03:00:00Z'), dueAt: at(due) }),
          // Entered before the passing of the limit was noticed: by their times they would change places.
          resolved('2026-03-12T03:00:00Z', due, false),
          event(ComplaintDeadlinePassedSchema, { ...who, dueAt: at(due) }),
        ]),
  ]);
}

const scoresOf = async (house: Scene) => [await scoreOf(house, head), await scoreOf(house, clerk)];

test('scores from snapshots are those from all events, to the last letter', async () => {
  const ledger = randomUUID();
  const ledgers = numbered(`learning/${ledger}`, [
    hoursCounted(clerk, ledger, [4]),
    hoursCounted(clerk, ledger, [4, 6]),
    hoursCounted(clerk, ledger, [4, 2, 1], 3, 'TrainingCorrected'),
  ]);
  const first = satisfactionMeasured(service, unit, '2026-04-30', 40, 2);
  const measured = numbered(`service/${service}`, [
    serviceRegistered(service, unit),
    first,
    satisfactionMeasured(service, unit, '2026-05-31', 45, 3.2),
  ]);
  const complaints = [true, true, false, true, false, true].map(complaint);

  await heardAll.give(...ledgers, ...measured, ...complaints.flat());
  await heardSnapshot.give(told(ledgers, ledgers.slice(-1)), told(measured), ...complaints.map((each) => told(each)));
  const all = await scoresOf(heardAll);
  expect(all[0].parts[3].sources.length).toBe(2);
  expect(all[1].parts[2].sources.length).toBe(3);
  expect(await scoresOf(heardSnapshot)).toEqual(all);

  // And whoever heard it all is told nothing new, however often.
  for (let n = 0; n < 2; n += 1)
    await heardAll.give(told(ledgers, ledgers.slice(-1)), told(measured), ...complaints.map((each) => told(each)));
  expect(await scoresOf(heardAll)).toEqual(all);
  const [{ versions }] = await heardAll.database.db.query(
    'select sum(version)::int as versions from score where employee_id = any($1)',
    [[head, clerk]],
  );
  await heardAll.give(told(measured));
  expect(
    await heardAll.database.db.query('select sum(version)::int as versions from score where employee_id = any($1)', [
      [head, clerk],
    ]),
  ).toEqual([{ versions }]);
});

test('a period is told as all that it said; scores, plans and policies by their numbers', async () => {
  const { db } = heardAll.database;
  heardAll.at('2027-01-01T00:00:00+07:00');
  await reachCheckpoints(db, heardAll.by);
  const told = new Map(
    await Promise.all(
      sources.map(async ({ aggregateType, read }) => [aggregateType, await read(db.manager, null, 100)] as const),
    ),
  );
  const said: { type: string; payload: Buffer }[] = await db.query(
    `select type, payload from outbox where aggregate_type = 'period' order by aggregate_seq`,
  );
  const [period] = told.get('period')!;
  expect(period!.key).toBe(agency);
  expect(period!.parts.map(({ type, payload }) => [type, Buffer.from(payload)])).toEqual(
    said.map(({ type, payload }) => [type, payload]),
  );
  expect(said).toHaveLength(13);
  expect(new Set(period!.parts.map(({ eventId }) => eventId)).size).toBe(13);
  const scores = await db.query(
    `select distinct aggregate_id as id, key from outbox where aggregate_type = 'score' order by 1`,
  );
  expect(told.get('score')).toEqual(scores.map((row: object) => ({ ...row, parts: [] })));
});
