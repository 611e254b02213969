/** What every service's part of the graph says of its events, for ADMIN. Named by the service at the roots; one type below. */

import { LETTERS } from './operations.letters.sdl.js';
import { PUBLISHING } from './operations.publishing.sdl.js';
import { REBUILDS } from './operations.rebuilds.sdl.js';
import { connectionOf, PAGE } from './operations.sdl.parts.js';

/** The SDL that a service adds to its own. @param service `performance` */
export function operationsTypeDefs(service: string): string {
  const Service = service[0]!.toUpperCase() + service.slice(1);
  return `
extend type Query {
  "How events leave ${service} and arrive there. For ADMIN."
  ${service}Events: EventOperations @access(to: [ADMIN])
}

extend type Mutation {
  "Applies a dead letter of ${service} and what waits behind it, in order, until one fails. For ADMIN."
  retry${Service}DeadLetter("Which." input: RetryDeadLetterInput!): DeadLetterPayload! @access(to: [ADMIN])

  "Leaves a dead letter of ${service} out for good, and applies what waits behind it. For ADMIN."
  discard${Service}DeadLetter("Which, and why." input: DiscardDeadLetterInput!): DeadLetterPayload! @access(to: [ADMIN])

  "Lets the events of a key that ${service} could not publish go out, once the reason is gone. For ADMIN."
  unpark${Service}Events("Of which key." input: UnparkEventsInput!): EventCountPayload! @access(to: [ADMIN])

  "Publishes events of ${service} once more; readers skip those they had. For ADMIN."
  replay${Service}Events("Which." input: ReplayEventsInput!): EventCountPayload! @access(to: [ADMIN])

  "Publishes where all aggregates of ${service} stand. For ADMIN."
  snapshot${Service}Events("Why." input: SnapshotEventsInput!): SnapshotPayload! @access(to: [ADMIN])

  "Builds a read model of ${service} anew, beside the one in use. For ADMIN."
  rebuild${Service}Model("Which, and why." input: RebuildModelInput!): ModelRebuildPayload! @access(to: [ADMIN])

  "Puts a read model that was built anew into use, or drops it. For ADMIN."
  finish${Service}Rebuild("Which, and how." input: FinishRebuildInput!): ModelRebuildPayload! @access(to: [ADMIN])

  "Says that ${service}'s database was restored from a backup: readers take a snapshot anew. For ADMIN."
  raise${Service}Timeline("Why." input: RaiseTimelineInput!): TimelinePayload! @access(to: [ADMIN])
}
${SHARED}${LETTERS}${PUBLISHING}${REBUILDS}`;
}

const SHARED = `
"How a service's events go out and in."
type EventOperations @shareable @access(to: [ADMIN]) {
  "The name under which it publishes, such as /merit/performance."
  source: String!
  "The topic it publishes to."
  topic: String!
  "The moment of this answer, by the clock that the other moments here were written by: ages are told from it."
  now: DateTime!
  "What waits to be published."
  relay: RelayState!
  "Which history its events' numbers belong to: 1 unless it was raised after a backup was restored."
  timeline: Int!
  "The snapshots of the last 90 days, the latest first; 100 at most."
  snapshots: [SnapshotRun!]!
  "How many events it published, by type and the UTC day on which it wrote them down. Each counts once."
  published(
    "The first day."
    from: LocalDate!
    "The last day."
    to: LocalDate!
  ): [PublishedCount!]!
  "How many events it published on a topic since the beginning. Each counts once."
  publishedInAll(
    "Its own unless told; or one of all services, merit.access.v1."
    topic: String
  ): Float!
  """
  What became of the events of others here, by type and the UTC day on which they were written down. In the end each is
  applied, discarded or covered by a snapshot, or waits.
  """
  applied(
    "The first day."
    from: LocalDate!
    "The last day."
    to: LocalDate!
  ): [AppliedCount!]!
  "What became of all events of others here since the beginning, by topic and publisher."
  appliedInAll: [AppliedTotal!]!
  "The read models that can be built anew here, such as directory."
  models: [String!]!
  "When read models were built anew, the latest first; 100 at most."
  rebuilds: [ModelRebuild!]!
  "How a read model differs from the one that was built beside it, table by table, as of one moment. Of large ones it is REBUILD_COMPARING at first: ask again."
  rebuildDifferences(
    "Which read model."
    model: String!
    "The rebuild's id: another of the same read model is REBUILD_ANOTHER."
    id: ID!
  ): [ModelDifference!]
  "Everything derived from others' events holds as of this moment; null when the service reads none."
  asOf: DateTime
  "How far it is behind on each partition it reads; null while the transport cannot be asked."
  lag: [PartitionLag!]
  "What it set aside, those at fault before those that wait behind them, the oldest first."
  deadLetters(
    "In which state; those that wait unless told."
    state: DeadLetterState = WAITING${PAGE}
  ): DeadLetterConnection!
  "One of them, settled or not; null when there is none."
  deadLetter("Its number." id: ID!): DeadLetter
  "Events it could not publish and those of their keys behind them, the oldest first."
  parkedEvents(${PAGE}
  ): ParkedEventConnection!
  "What people did with its events, the latest first."
  audit(${PAGE}
  ): OperationAuditConnection!
}

"How far a service is behind on a partition."
type PartitionLag @shareable @access(to: [ADMIN]) {
  "The topic."
  topic: String!
  "Which of its partitions, from 0."
  partition: Int!
  "Records that it has not been through."
  lag: Float!
  "Where the next record of the partition will stand. Less the lag it is where the service reads."
  end: Float!
  "The moment of the last event or heartbeat that it has been through; null when it has heard nothing."
  asOf: DateTime
  "Whether the topic carries heartbeats: if it does, silence is a fault."
  heartbeats: Boolean!
}

"What a person did with events."
type OperationAudit @shareable @access(to: [ADMIN]) {
  "Its number."
  id: ID!
  "What was done: retryDeadLetter, discardDeadLetter, unparkEvents, showPayload and so on."
  action: String!
  "What it was done to."
  target: String!
  "Who did it: employee/<id> or operator/<subject>."
  doneBy: String!
  "Why, in their words."
  reason: String
  "When it began."
  beganAt: DateTime!
  "When it ended; null while it is under way, or when its process ended in the midst of it."
  endedAt: DateTime
  "How it ended."
  outcome: OperationOutcome
  "What it gave, or why it failed, as JSON."
  detail: String
}

"How an action ended."
enum OperationOutcome {
  "It is done."
  DONE
  "It failed, and detail says why."
  FAILED
}
${connectionOf('OperationAudit', 'actions')}`;
