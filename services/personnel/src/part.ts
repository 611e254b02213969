/** What this service's snapshots are made of: its own messages, with their times. */
import { type AggregatePart, partId } from '@merit/chassis/out/snapshot';
import type { Message } from './publish.js';

/**
 * A message as a part of its aggregate's snapshot.
 * @param what names the fact within its aggregate, as `partId` wants it
 * @param occurredAt when it was entered
 */
export const part = (
  { aggregateType, aggregateId, type, payload }: Message,
  what: string,
  occurredAt: Date,
): AggregatePart => ({
  eventId: partId(`${aggregateType}/${aggregateId}`, what),
  type,
  payload,
  occurredAt,
});

/** The rows of each of those that they belong to. */
export function grouped<R>(rows: readonly R[], ownerOf: (row: R) => string): (owner: string) => readonly R[] {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const group = groups.get(ownerOf(row));
    if (group) group.push(row);
    else groups.set(ownerOf(row), [row]);
  }
  return (owner) => groups.get(owner) ?? [];
}
