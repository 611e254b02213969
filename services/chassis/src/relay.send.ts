/** Rows of the outbox onto a topic. */
import { toRecord } from './envelope.js';
import { DomainError } from './errors.js';
import type { OutboxRow, Refused } from './outbox.table.js';
import type { EventRecord, EventTransport } from './transport.js';

interface Way {
  readonly transport: EventTransport;
  readonly source: string;
  readonly topic: string;
}

/**
 * Publishes rows in order, as one batch. When the transport refuses one of them for good, they go one by one, and the
 * refused row takes those of its key with it; the others go on.
 * @throws when the transport cannot be reached, and then nothing is known of any row
 */
export async function sendRows(
  { transport, source, topic }: Way,
  rows: readonly OutboxRow[],
): Promise<{ sent: OutboxRow[]; refused: Refused[] }> {
  await transport.ensureTopics([topic]);
  const free = rows.filter((row) => !row.behind);
  const behind = rows.filter((row) => row.behind).map(waitsBehind);
  try {
    if (free.length > 0) await transport.publish(topic, free.map(recordOf(source)));
    return { sent: free, refused: behind };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
  }
  const sent: OutboxRow[] = [];
  const refused: Refused[] = [];
  for (const row of free) {
    const error = refused.some((earlier) => earlier.row.key === row.key)
      ? waitsBehind(row).error
      : await refusal(() => transport.publish(topic, [recordOf(source)(row)]));
    if (error) refused.push({ row, error });
    else sent.push(row);
  }
  return { sent, refused: [...behind, ...refused] };
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

const recordOf =
  (source: string) =>
  (row: OutboxRow): EventRecord =>
    toRecord({
      id: row.event_id,
      source,
      type: row.type,
      aggregate: `${row.aggregate_type}/${row.aggregate_id}`,
      sequence: row.aggregate_seq,
      occurredAt: row.occurred_at,
      recordedAt: row.recorded_at,
      key: row.key,
      payload: row.payload,
      headers: row.headers,
    });
