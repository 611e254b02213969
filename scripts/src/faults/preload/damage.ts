/** What a bad day on the line does to records: they come twice, in another order, late, or broken. */
import { setTimeout as pause } from 'node:timers/promises';
import type { EventRecord } from '@merit/chassis/transport/transport';
import { chanceIn, type Damage } from './control.js';

type Send = (records: readonly EventRecord[]) => Promise<void>;

/** How many of the records are concerned: enough that every few seconds bring some. */
const SHARE = 0.25;
const LONGEST_DELAY_MS = 1_500;

const chance = chanceIn('damage');

const chosen = (record: EventRecord): boolean => record.headers['ce_subject'] !== undefined && chance.isTrue(SHARE);

export function sendDamaged(damage: Damage, topic: string, records: readonly EventRecord[], send: Send): Promise<void> {
  const ways: Record<Damage, () => Promise<void>> = {
    duplicate: () =>
      send(records.flatMap((record) => (chosen(record) ? [record, record] : [record]))).then(() =>
        again(topic, records, send),
      ),
    reorder: () => reorder(records, send),
    delay: () => pause(chance.next() * LONGEST_DELAY_MS).then(() => send(records)),
    values: () => send(records.map(some(VALUES))),
  };
  return ways[damage]();
}

/** By topic: no line brings the events of one topic to the readers of another. */
const earlier = new Map<string, readonly EventRecord[]>();

/** Old ones once more behind newer ones, as a leader that wakes late brings them. */
async function again(topic: string, records: readonly EventRecord[], send: Send): Promise<void> {
  const before = earlier.get(topic) ?? [];
  const old = before.filter(chosen);
  earlier.set(topic, [...before, ...records].slice(-200));
  if (old.length > 0) await send(old);
}

/** One is held back until those that were published after it are in the log; it is in there too before this answers. */
async function reorder(records: readonly EventRecord[], send: Send): Promise<void> {
  const late = records.filter(chosen);
  const rest = records.filter((record) => !late.includes(record));
  if (rest.length > 0) await send(rest);
  if (late.length > 0) await send(late.reverse());
}

type Way = (record: EventRecord) => EventRecord;

/** Some of them, each in one of these ways. */
const some =
  (ways: readonly Way[]): Way =>
  (record) =>
    chosen(record) ? chance.pick(ways)(record) : record;

/** No message: the first byte names a field of a kind that there is not; or the last byte is missing from its field. */
const VALUES: readonly Way[] = [
  (record) => ({ ...record, value: new Uint8Array([7, 255, 255, 255]) }),
  (record) => ({ ...record, value: record.value.length > 1 ? record.value.slice(0, -1) : new Uint8Array([7]) }),
];
