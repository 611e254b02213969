/** What others' events mean for ledgers: who a person is, and that a year's hours have begun to fall due. */
import { shareBelonging } from '@merit/chassis/backlog';
import { groupBy } from '@merit/chassis/group-by';
import { decode, type ReceivedEvent } from '@merit/chassis/in/consumer';
import { localDateAt, yearOf } from '@merit/chassis/local-date';
import type { By } from '@merit/chassis/out/outbox';
import { DEFAULT_TIME_ZONE } from '@merit/directory/judgement.table';
import { CheckpointReachedSchema } from '@merit/proto/performance';
import type { EntityManager } from 'typeorm';
import { recount } from './ledger.commands.js';
import { ALL_YEARS } from './span.js';
import { noteYears } from './year.table.js';

/** From the world around, what an event's handler takes. */
export type Here = Pick<By, 'now' | 'newId'>;

/**
 * A person was entered, corrected, moved or left: their hours may count otherwise, and their ledgers begin. The year in
 * which the event happened is due, so that a replay opens the same ledgers as were opened then. Each person's ledgers are
 * in the trace of the last event about them.
 */
export const recountPeople =
  (here: Here) =>
  async (tx: EntityManager, events: readonly ReceivedEvent[]): Promise<void> => {
    await shareBelonging(tx);
    // The key of everything about a person is the person.
    const due = new Map([...groupBy(events, ({ key }) => key)].map(([id, its]) => [id, its.map(yearIn)]));
    const traces = new Map(events.map(({ key, traceparent }) => [key, traceparent]));
    const by: By = { ...here, actor: 'system', traceparent: null };
    await recount(tx, by, new Map([...due.keys()].map((id) => [id, ALL_YEARS])), due, traces);
  };

/** Only a last or first day of a year could lie in another one in another zone of Indonesia. */
const yearIn = ({ occurredAt }: ReceivedEvent): number => yearOf(localDateAt(occurredAt, DEFAULT_TIME_ZONE));

/**
 * A month of a year has begun in an agency: all whom it employs have a ledger of that year from then on, at 0 too. Who is
 * entered later gets theirs then; for those who are there it is noted, and done by the job.
 */
export const openYears = (tx: EntityManager, events: readonly ReceivedEvent[]): Promise<void> =>
  noteYears(
    tx,
    events.map((event) => ({ ...decode(CheckpointReachedSchema, event), traceparent: event.traceparent })),
  );
