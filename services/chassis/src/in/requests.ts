/** What one service asks of another's publisher: its events once more, or where all its aggregates stand. */
import { ReplayRequestedSchema, SnapshotRequestedSchema } from '@merit/proto/events';
import { DomainError } from '../errors.js';
import { isKept, replay } from '../out/replay.js';
import { requestSnapshot } from '../out/snapshot.js';
import { REQUESTS_TOPIC } from '../transport/envelope.js';
import { decode, type Subscription } from './consumer.js';

/**
 * Answers what others ask of this publisher; what they ask of others it leaves to them. Where the first event asked for
 * has left the outbox, a snapshot of that aggregate follows what of it is left: whoever misses an event that is gone can
 * only be told where things stand.
 * @param source this publisher: `/merit/personnel`
 */
export const requestsSubscription = ({ source }: { readonly source: string }): Subscription => ({
  topic: REQUESTS_TOPIC,
  types: [ReplayRequestedSchema.typeName, SnapshotRequestedSchema.typeName],
  heartbeats: false,
  handle: async (tx, events) => {
    for (const event of events) {
      if (event.type === SnapshotRequestedSchema.typeName) {
        const asked = decode(SnapshotRequestedSchema, event);
        if (asked.source !== source) continue;
        await requestSnapshot(tx, { id: asked.requestId, by: asked.consumer, reason: 'asked for' });
      } else {
        const asked = decode(ReplayRequestedSchema, event);
        if (asked.source !== source) continue;
        const { subject, fromSequence } = asked;
        try {
          await replay(tx, { subject, fromSequence });
          if (await isKept(tx, subject, fromSequence)) continue;
        } catch (error) {
          if (!(error instanceof DomainError) || error.code !== 'REPLAY_EMPTY') throw error;
        }
        const reason = `${subject} from ${fromSequence} is no longer in the outbox`;
        await requestSnapshot(tx, { id: asked.requestId, by: asked.consumer, reason, subject });
      }
    }
  },
});
