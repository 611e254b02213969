/** Rows of the outbox onto a topic. */

import { DomainError } from '../errors.js';
import { SNAPSHOT_ENDED, sharedTopicOf, snapshotEnded, toRecord } from '../transport/envelope.js';
import type { EventRecord, EventTransport } from '../transport/transport.js';
import type { OutboxRow, Refused } from './outbox.table.js';

interface Way {
  readonly transport: EventTransport;
  readonly source: string;
  readonly topic: string;
}

/**
 * Publishes rows in order, as one batch a topic. When the transport refuses one of them for good, they go one by one, and the
 * refused row takes those of its key with it; the others go on.
 * @throws when the transport cannot be reached, and then nothing is known of any row
 */
export async function sendRows(
  way: Way,
  rows: readonly OutboxRow[],
): Promise<{ sent: OutboxRow[]; refused: Refused[] }> {
  const free = rows.filter((row) => !row.behind);
  const behind = rows.filter((row) => row.behind).map(waitsBehind);
  try {
    await publish(way, free);
    return { sent: free, refused: behind };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
  }
  const sent: OutboxRow[] = [];
  const refused: Refused[] = [];
  for (const row of free) {
    const error = refused.some((earlier) => earlier.row.key === row.key)
      ? waitsBehind(row).error
      : await refusal(() => publish(way, [row]));
    if (error) refused.push({ row, error });
    else sent.push(row);
  }
  return { sent, refused: [...behind, ...refused] };
}

/**
 * What goes to a topic of all services has a key of its own, so there is no order to keep between the topics. All of them
 * must be there before anything is published: else what goes to the others would be published again at each attempt.
 */
async function publish({ transport, source, topic }: Way, rows: readonly OutboxRow[]): Promise<void> {
  const byTopic = new Map<string, OutboxRow[]>();
  for (const row of rows) {
    const to = sharedTopicOf(row) ?? topic;
    const some = byTopic.get(to);
    if (some) some.push(row);
    else byTopic.set(to, [row]);
  }
  const partitions = await transport.ensureTopics([...byTopic.keys()]);
  for (const [to, some] of byTopic)
    await transport.publish(to, some.flatMap(recordsOf(source, partitions.get(to) ?? 0)));
}

const waitsBehind = (row: OutboxRow): Refused => ({ row, error: new Error('An earlier event of this key is parked.') });

async function refusal(publish: () => Promise<void>): Promise<DomainError | null> {
  try {
    await publish();
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

/** One record a row; the end of a run of snapshots is said to each partition. */
const recordsOf =
  (source: string, partitions: number) =>
  (row: OutboxRow): EventRecord | EventRecord[] => {
    const event = {
      id: row.event_id,
      source,
      type: row.type,
      aggregate: `${row.aggregate_type}/${row.aggregate_id}`,
      sequence: row.aggregate_seq,
      key: row.key,
      occurredAt: row.occurred_at,
      recordedAt: row.recorded_at,
      payload: row.payload,
      headers: row.headers,
      timeline: row.timeline,
      snapshot: row.snapshot,
    };
    if (row.type !== SNAPSHOT_ENDED) return toRecord(event);
    return Array.from({ length: partitions }, (_, i) => snapshotEnded(event, i));
  };
