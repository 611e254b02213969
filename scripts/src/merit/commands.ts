/** Every command of `npm run merit`, in the order in which they are listed. */
import type { Command } from './command.js';
import { eventsAudit } from './events.audit.js';
import { eventsDead } from './events.dead.js';
import { eventsDiscard } from './events.discard.js';
import { eventsLag } from './events.lag.js';
import { eventsParked } from './events.parked.js';
import { eventsRebuild } from './events.rebuild.js';
import { eventsReconcile } from './events.reconcile.js';
import { eventsRehearse } from './events.rehearse.js';
import { eventsReplay } from './events.replay.js';
import { eventsRetry } from './events.retry.js';
import { eventsShow } from './events.show.js';
import { eventsSnapshot, eventsTimeline } from './events.snapshot.js';
import { eventsTopics } from './events.topics.js';
import { eventsUnpark } from './events.unpark.js';
import { ledgersRebuild, scoresRebuild } from './scores.js';

export const COMMANDS: readonly Command[] = [
  scoresRebuild,
  ledgersRebuild,
  eventsLag,
  eventsDead,
  eventsShow,
  eventsRetry,
  eventsDiscard,
  eventsParked,
  eventsUnpark,
  eventsReplay,
  eventsSnapshot,
  eventsTimeline,
  eventsRebuild,
  eventsReconcile,
  eventsTopics,
  eventsAudit,
  eventsRehearse,
];
