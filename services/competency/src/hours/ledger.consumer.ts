/** What others' events mean for ledgers: who a person is, and that a year's hours have begun to fall due. */
import { decode, type ReceivedEvent } from '@merit/chassis/consumer';
import { localDateAt, yearOf } from '@merit/chassis/local-date';
import type { By } from '@merit/chassis/outbox';
import { DEFAULT_TIME_ZONE } from '@merit/directory/judgement.table';
import { type CheckpointReached, CheckpointReachedSchema } from '@merit/proto/performance';
import type { EntityManager } from 'typeorm';
import { groupBy } from '../group-by.js';
import { recount } from './ledger.commands.js';
import { addDueYears, withoutLedger } from './ledger.table.js';
import { ALL_YEARS } from './span.js';

/** From the world around, what an event's handler takes. */
export type Here = Pick<By, 'now' | 'newId'>;

/**
 * A person was entered, corrected, moved or left: their hours may count otherwise, and their ledgers begin. The year in
 * which the event happened is due, so that a replay opens the same ledgers as were opened then.
 */
export const recountPeople =
  (here: Here) =>
  async (tx: EntityManager, events: readonly ReceivedEvent[]): Promise<void> => {
    // The key of everything about a person is the person.
    const due = new Map([...groupBy(events, ({ key }) => key)].map(([id, its]) => [id, its.map(yearIn)]));
    await recount(tx, byEvents(here, events), inAllYears([...due.keys()]), due);
  };

const inAllYears = (people: readonly string[]) => new Map(people.map((id) => [id, ALL_YEARS]));

/** Only a last or first day of a year could lie in another one in another zone of Indonesia. */
const yearIn = ({ occurredAt }: ReceivedEvent): number => yearOf(localDateAt(occurredAt, DEFAULT_TIME_ZONE));

/** How many people's ledgers are opened at a time: an agency may have 100,000. */
const CHUNK = 1_000;

/** A month of a year has begun in an agency: all whom it employs have a ledger of that year from then on, at 0 too. */
export const openYears =
  (here: Here) =>
  async (tx: EntityManager, events: readonly ReceivedEvent[]): Promise<void> => {
    const reached = events.map((event) => decode(CheckpointReachedSchema, event));
    await addDueYears(tx, reached);
    for (const checkpoint of reached) await openYear(tx, byEvents(here, events), checkpoint);
  };

async function openYear(tx: EntityManager, by: By, { agencyId, checkpoint, year }: CheckpointReached): Promise<void> {
  for (let after: string | null = null; ; ) {
    // In the order of ids from the first chunk to the last, as every lock of several people.
    const people = await withoutLedger(tx, { agencyId, on: checkpoint, year }, { after, most: CHUNK });
    await recount(tx, by, inAllYears(people));
    after = people.at(-1) ?? null;
    if (people.length < CHUNK) return;
  }
}

/** What follows from others' events is done by the system, in the trace of the last of them. */
const byEvents = (here: Here, events: readonly ReceivedEvent[]): By => ({
  ...here,
  actor: 'system',
  traceparent: events.at(-1)?.traceparent ?? null,
});
