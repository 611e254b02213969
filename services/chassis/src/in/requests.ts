/** What one service asks of another's publisher: its events once more, or where all its aggregates stand. */
import { ReplayRequestedSchema, SnapshotRequestedSchema } from '@merit/proto/events';
import { replayOnwards } from '../out/replay.js';
import { requestSnapshots } from '../out/snapshot.js';
import { REQUESTS_TOPIC } from '../transport/envelope.js';
import { decode, type Subscription } from './consumer.js';

/**
 * Answers what others ask of this publisher; what they ask of others it leaves to them. In a storm a chunk is full of it,
 * so the number of statements does not grow with what is asked. Where the first event asked for
 * has left the outbox, a snapshot of that aggregate follows what of it is left: whoever misses an event that is gone can
 * only be told where things stand.
 * @param source this publisher: `/merit/personnel`
 */
export const requestsSubscription = ({ source }: { readonly source: string }): Subscription => ({
  topic: REQUESTS_TOPIC,
  types: [ReplayRequestedSchema.typeName, SnapshotRequestedSchema.typeName],
  heartbeats: false,
  handle: async (tx, events) => {
    const snapshots = events
      .filter(({ type }) => type === SnapshotRequestedSchema.typeName)
      .map((event) => decode(SnapshotRequestedSchema, event))
      .filter((asked) => asked.source === source);
    const replays = events
      .filter(({ type }) => type === ReplayRequestedSchema.typeName)
      .map((event) => decode(ReplayRequestedSchema, event))
      .filter((asked) => asked.source === source);
    const gone = await replayOnwards(tx, replays);
    await requestSnapshots(tx, [
      ...snapshots.map(({ requestId, consumer }) => ({ id: requestId, by: consumer, reason: 'asked for' })),
      ...gone.map(({ requestId, consumer, subject, fromSequence }) => ({
        id: requestId,
        by: consumer,
        reason: `${subject} from ${fromSequence} is no longer in the outbox`,
        subject,
      })),
    ]);
  },
});
