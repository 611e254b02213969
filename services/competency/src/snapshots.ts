/** Where this service's aggregates stand, for readers who begin, rebuild, or lost the thread. */
import type { AggregateState, SnapshotSource } from '@merit/chassis/out/snapshot';
import { numbersOnly } from '@merit/chassis/out/snapshot.numbers';
import { LEARNING, toOutbox } from './hours/ledger.events.js';
import { ledgersAfter } from './hours/ledger.snapshot.table.js';

/** A ledger is told by its last event, which has all of it. */
const learning: SnapshotSource = {
  aggregateType: LEARNING,
  read: async (tx, after, limit) => (await ledgersAfter(tx, after, limit)).map((ledger) => stateOf(toOutbox(ledger))),
};

const stateOf = ({
  id: eventId,
  aggregateId: id,
  key,
  agencyId,
  type,
  payload,
  occurredAt,
}: ReturnType<typeof toOutbox>): AggregateState => ({
  id,
  key,
  agencyId: agencyId ?? null,
  parts: [{ eventId, type, payload, occurredAt }],
});

/** Of a training others read what counts of it, in the ledger. */
export const sources: readonly SnapshotSource[] = [
  learning,
  numbersOnly('enrolment', 'select id, employee_id as key from enrolment'),
];
