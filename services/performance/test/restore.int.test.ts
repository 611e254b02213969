/** A publisher that was restored from a backup: scores stand on what it tells now, and on nothing that it lost. */
import { randomUUID } from 'node:crypto';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { decode, type ReceivedEvent } from '@merit/chassis/in/consumer';
import { chunkHandler } from '@merit/chassis/in/consumer.chunk';
import { createLog } from '@merit/chassis/log';
import { encode } from '@merit/chassis/out/outbox';
import { SNAPSHOT, SNAPSHOT_ENDED, snapshotEnded, toRecord } from '@merit/chassis/transport/envelope';
import type { EventRecord } from '@merit/chassis/transport/transport';
import { SnapshotSchema } from '@merit/proto/events';
import { ComplaintResolvedSchema } from '@merit/proto/feedback';
import { subscriptions } from '../src/consumers.js';
import {
  admin,
  agencyRegistered,
  complaintResolved,
  dataOf,
  employeeRegistered,
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

const restored = scene('2026-06-15T03:00:00Z');
const truthful = scene('2026-06-15T03:00:00Z');
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
  for (const house of [restored, truthful]) {
    await house.give(...people);
    dataOf(await house.graph(admin, OPEN_PERIOD, { agencyId: agency, year: 2026 }));
    await house.workOffAll();
  }
});

/** A log of one partition for each topic, through the inbox, and what follows from it. */
function reading(house: Scene): (topic: string, records: readonly EventRecord[]) => Promise<void> {
  const ends = new Map<string, number>();
  let handle: ReturnType<typeof chunkHandler> | undefined;
  return async (topic, records) => {
    const { db } = house.database;
    const options = { db, log: createLog('test', 'silent'), group: 'performance', onDone: () => undefined };
    handle ??= chunkHandler({ ...options, subscriptions: subscriptions(house.by) });
    const from = ends.get(topic) ?? 0;
    const placed = records.map((record, n) => ({ ...record, offset: from + n }));
    ends.set(topic, from + records.length);
    const chunk = { clusterId: 'one', topic, partition: 0, assignment: 1, records: placed };
    await handle({ ...chunk, watermarks: async () => ({ low: 0, high: from + records.length }) });
    await house.workOffAll();
  };
}

const numbered = (aggregate: string, key: string, events: readonly ReceivedEvent[]): ReceivedEvent[] =>
  events.map((each, n) => ({ ...each, aggregate, key, sequence: n + 1 }));
const recordsOf = (events: readonly ReceivedEvent[]): EventRecord[] =>
  events.map((each) => toRecord({ ...each, headers: {} }));

/** Where an aggregate stands on the second timeline: one record of these events. */
function told(events: readonly ReceivedEvent[]): EventRecord {
  const parts = events.map(({ id, type, payload, occurredAt }) => {
    return { eventId: id, type, payload, occurredAt: timestampFromDate(occurredAt) };
  });
  const payload = encode(SnapshotSchema, { parts });
  const last = events.at(-1)!;
  return toRecord({ ...last, id: randomUUID(), type: SNAPSHOT, payload, snapshot: 'run', timeline: 2, headers: {} });
}

function end(source: string): EventRecord {
  const at = new Date();
  const said = { id: randomUUID(), source, type: SNAPSHOT_ENDED, payload: new Uint8Array(), snapshot: 'run' };
  return snapshotEnded({ ...said, occurredAt: at, recordedAt: at, headers: {}, timeline: 2 }, 0);
}

const scoresOf = async (house: Scene) => {
  const scores = [];
  for (const id of [head, clerk]) scores.push(await scoreOf(house, id));
  return scores.map((score) => ({ ...score, id: '', version: 0, changedAt: '' }));
};

test('what its publishers lost in a restore is in no score, and what they do instead counts', async () => {
  const [ledger, lostLedger] = [randomUUID(), randomUUID()];
  const learning = numbered(`learning/${ledger}`, clerk, [
    hoursCounted(clerk, ledger, [2], 1),
    hoursCounted(clerk, ledger, [2, 2], 2),
    hoursCounted(clerk, ledger, [2, 2, 16], 3),
  ]);
  const other = numbered(`learning/${lostLedger}`, head, [hoursCounted(head, lostLedger, [9], 1)]);
  const measured = numbered(`service/${service}`, service, [
    serviceRegistered(service, unit),
    satisfactionMeasured(service, unit, '2026-04-30', 40, 3),
    satisfactionMeasured(service, unit, '2026-05-31', 40, 1),
  ]);
  const complaints = Array.from({ length: 6 }, () => {
    const late = complaintResolved(service, unit, false);
    return numbered(`complaint/${decode(ComplaintResolvedSchema, late).complaintId}`, service, [late]);
  }).flat();

  const [read, readTruth] = [reading(restored), reading(truthful)];
  await read('merit.competency.v1', recordsOf([...learning, ...other]));
  await read('merit.feedback.v1', recordsOf([...measured, ...complaints]));
  const before = await scoresOf(restored);

  // Both stand at their second event again, and never had the head's ledger nor the complaints.
  await read('merit.competency.v1', [told(learning.slice(1, 2)), end('/merit/competency')]);
  await read('merit.feedback.v1', [told(measured.slice(0, 2)), end('/merit/feedback')]);
  await readTruth('merit.competency.v1', recordsOf(learning.slice(0, 2)));
  await readTruth('merit.feedback.v1', recordsOf(measured.slice(0, 2)));
  const truth = await scoresOf(truthful);
  expect(truth).not.toEqual(before);
  expect(await scoresOf(restored)).toEqual(truth);

  // A third event that is another than the lost one.
  const third = {
    ...numbered(`learning/${ledger}`, clerk, [hoursCounted(clerk, ledger, [2, 2, 1], 3)])[0]!,
    sequence: 3,
  };
  await read('merit.competency.v1', recordsOf([{ ...third, timeline: 2 }]));
  await readTruth('merit.competency.v1', recordsOf([third]));
  expect(await scoresOf(truthful)).not.toEqual(truth);
  expect(await scoresOf(restored)).toEqual(await scoresOf(truthful));
  expect(await restored.database.db.query('select code from dead_letter')).toEqual([]);
});
