import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { toEvent, toRecord } from '@merit/chassis/transport/envelope';
import type { EventRecord } from '@merit/chassis/transport/transport';
import { LearningHoursCountedSchema } from '@merit/proto/competency';
import { chanceIn, type Damage } from './control.js';
import { sendDamaged } from './damage.js';

const at = new Date('2026-11-22T00:00:00Z');
const record = (sequence: number): EventRecord =>
  toRecord({
    ...{ id: `e${sequence}`, source: '/merit/competency', type: LearningHoursCountedSchema.typeName, key: 'a' },
    ...{ aggregate: 'learning/1', sequence, occurredAt: at, recordedAt: at, headers: {} },
    payload: toBinary(LearningHoursCountedSchema, create(LearningHoursCountedSchema, { counted: '3', version: 1n })),
  });
const records = Array.from({ length: 400 }, (_, n) => record(n + 1));

/** What came of those that were hit. */
async function hit(damage: Damage): Promise<EventRecord[]> {
  let sent: readonly EventRecord[] = [];
  await sendDamaged(damage, 'merit.competency.v1', records, async (some) => {
    sent = some;
  });
  expect(sent).toHaveLength(records.length);
  return sent.filter((one, n) => one !== records[n]);
}

/** Whether a reader takes it for an event with a number that may be. */
function passes(one: EventRecord): boolean {
  try {
    const { sequence, payload } = toEvent(one);
    fromBinary(LearningHoursCountedSchema, payload);
    return sequence <= records.length;
  } catch {
    return false;
  }
}

test('of damaged values, none passes for what it was', async () => {
  const damaged = await hit('values');
  expect(damaged.length).toBeGreaterThan(50);
  expect(damaged.filter(passes)).toEqual([]);
});

test('what is hit falls the same way for the same seed and process', () => {
  const draw = () => {
    const chance = chanceIn('damage');
    return Array.from({ length: 20 }, () => chance.next());
  };
  expect(draw()).toEqual(draw());
});
