/** Where this service's aggregates stand, for readers who begin, rebuild, or lost the thread: each by all its events. */
import type { SnapshotSource } from '@merit/chassis/out/snapshot';
import { historyOf } from './history.table.js';

export const sources: readonly SnapshotSource[] = ['service', 'complaint', 'calendar'].map((aggregateType) => ({
  aggregateType,
  read: (tx, after, limit) => historyOf(tx, aggregateType, after, limit),
}));
