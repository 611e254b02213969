/** What every service's part of the graph says of its events, for ADMIN. Named by the service at the roots; one type below. */

const PAGE = `
    "How many, from the beginning or after a cursor; 20 unless told, 100 at most."
    first: Int
    "The cursor after which the page begins."
    after: String
    "How many, from the end or before a cursor."
    last: Int
    "The cursor before which the page ends."
    before: String`;

const connectionOf = (type: string, what: string): string => `
"A page of ${what}."
type ${type}Connection @shareable @access(to: [ADMIN]) {
  "They with their cursors."
  edges: [${type}Edge!]!
  "Where the page lies."
  pageInfo: PageInfo!
  "How many there are in all."
  total: Int!
}

"One of a page of ${what}."
type ${type}Edge @shareable @access(to: [ADMIN]) {
  "It."
  node: ${type}!
  "Where it stands in the list."
  cursor: String!
}
`;

const KEY = `"A UUID: the same key has the same effect once, and gives the same answer."
  idempotencyKey: String`;

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
${SHARED}`;
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
  "How many events it published on its topic since the beginning. Each counts once."
  publishedInAll: Float!
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
  "What became of all events of others here since the beginning, topic by topic."
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

"What waits in a service's outbox."
type RelayState @shareable @access(to: [ADMIN]) {
  "Events that wait to be published."
  backlog: Int!
  "The age of the oldest of them, in seconds; 0 when none waits."
  oldestSeconds: Float!
  "Events that are not published because they, or an earlier one of their key, were refused."
  parked: Int!
}

"How far a service is behind on a partition."
type PartitionLag @shareable @access(to: [ADMIN]) {
  "The topic."
  topic: String!
  "Which of its partitions, from 0."
  partition: Int!
  "Records that it has not been through."
  lag: Float!
  "The moment of the last event or heartbeat that it has been through; null when it has heard nothing."
  asOf: DateTime
  "Whether the topic carries heartbeats: if it does, silence is a fault."
  heartbeats: Boolean!
}

"What became of an event that was set aside."
enum DeadLetterState {
  "It waits: at fault, or behind one that is."
  WAITING
  "It was applied after all."
  RETRIED
  "A person decided that it is never applied here."
  DISCARDED
  "A snapshot of the aggregate took its place."
  SUPERSEDED
}

"An event that could not be applied, whole."
type DeadLetter @shareable @access(to: [ADMIN]) {
  "Its number in its service."
  id: ID!
  "The event's id; null when it does not even carry one."
  eventId: String
  "The event's type, such as merit.competency.v1.TrainingCompleted."
  type: String
  "Who published it."
  source: String
  "What it happened to, such as enrolment/<id>."
  subject: String
  "Its number among the events of its subject."
  sequence: Int
  "The person, unit or service it is about: what waits behind it has the same."
  key: String!
  "Where it was read."
  topic: String!
  "The partition of that topic."
  partition: Int!
  "Its place in that partition."
  offset: Float!
  "The envelope."
  headers: [EventHeader!]!
  "What it says."
  payload: EventPayload!
  "Why it was set aside: a code of docs/events.md, or that of the rule that refused it."
  code: String!
  "The same in a sentence."
  message: String!
  "How often it was tried."
  attempts: Int!
  "When it was set aside."
  parkedAt: DateTime!
  "What became of it."
  state: DeadLetterState!
  "When a person, or what came later, settled it."
  settledAt: DateTime
  "Who settled it."
  settledBy: String
  "Why."
  settledReason: String
  "The number of the event at fault that this one waits for; null when it is at fault itself."
  waitsFor: ID
  "How many events of the same key wait because of it."
  waitingBehind: Int!
  "The next ten of them, in their order."
  behind: [DeadLetter!]!
}

"A header of an event's envelope."
type EventHeader @shareable @access(to: [ADMIN]) {
  "Its name."
  name: String!
  "Its value."
  value: String!
}

"The content of an event."
type EventPayload @shareable @access(to: [ADMIN]) {
  "Its length, in bytes."
  bytes: Int!
  "The message as JSON, by its contract; null when it cannot be read. Who asks for it stands in the audit."
  json: String
  "Why it cannot be read."
  problem: String
  "Its first 64 bytes in hexadecimal, when it cannot be read. Who asks for them stands in the audit."
  hex: String
}

"An event that its own service could not publish."
type ParkedEvent @shareable @access(to: [ADMIN]) {
  "The event's id."
  eventId: String!
  "Its type."
  type: String!
  "What it happened to."
  subject: String!
  "Its number among the events of its subject."
  sequence: Int!
  "Its key: the later events of the same key wait behind it."
  key: String!
  "The length of its message, in bytes."
  bytes: Int!
  "How often it was tried."
  attempts: Int!
  "Why the transport refused it, or that it waits behind another."
  error: String
  "When the service wrote it down."
  recordedAt: DateTime!
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

"Which dead letter to retry."
input RetryDeadLetterInput {
  "Its number."
  id: ID!
  "What is different now, for the record."
  reason: String
  ${KEY}
}

"Which dead letter to leave out, and why."
input DiscardDeadLetterInput {
  "Its number."
  id: ID!
  "Why it may be left out: what it would have done never happens here. At most 500 characters."
  reason: String!
  ${KEY}
}

"What became of a dead letter and of those behind it."
type DeadLetterPayload @shareable @access(to: [ADMIN]) {
  "The dead letter as it is now."
  deadLetter: DeadLetter!
  "How many events were applied."
  applied: Int!
  "The event that failed again and is first in line now; null when none did."
  stoppedBy: DeadLetter
  "How many events of the key still wait: above 0 without stoppedBy, there was more than one call can do. Retry next."
  waiting: Int!
  "The one of them that is tried next."
  next: DeadLetter
}

"Of which key to let events go."
input UnparkEventsInput {
  "The key."
  key: String!
  "What is different now, for the record. At most 500 characters."
  reason: String!
  ${KEY}
}

"""
Which events to publish once more: all that match what is given. At least one of from, key and subject. Published events
are kept for 14 days.
"""
input ReplayEventsInput {
  "Those that the service wrote down at this moment or later."
  from: DateTime
  "Those that it wrote down before."
  to: DateTime
  "Of these types, such as merit.competency.v1.TrainingCompleted."
  types: [String!]
  "Of this key: a person, unit or service."
  key: String
  "Of this aggregate, such as enrolment/<id>."
  subject: String
  "Go on after this: the next of the call before, with all else as it was there."
  after: ID
  "Why, for the record. At most 500 characters."
  reason: String!
  ${KEY}
}

"Why to tell where everything stands."
input SnapshotEventsInput {
  "For the record. At most 500 characters."
  reason: String!
  ${KEY}
}

"A snapshot that was asked for."
type SnapshotPayload @shareable @access(to: [ADMIN]) {
  "It, as it is now: it goes on by itself."
  snapshot: SnapshotRun!
}

"A time at which the state of all aggregates is told anew."
type SnapshotRun @shareable @access(to: [ADMIN]) {
  "Its id, which its records carry as ce_snapshot."
  id: ID!
  "Who asked: a person, or the service that reads it."
  requestedBy: String!
  "Why."
  reason: String!
  "Of which timeline it tells; null until it begins."
  timeline: Int
  "How many aggregates were told so far."
  aggregates: Int!
  """
  How many were left out because they are too large for a record. Above 0 the snapshot is not complete: it says nothing at
  its end, and a rebuild that waits for it never becomes READY; drop that one.
  """
  tooLarge: Int!
  "When it began; null while it waits."
  startedAt: DateTime
  "When all was told and published; null until then."
  endedAt: DateTime
}

"Why a service begins another timeline."
input RaiseTimelineInput {
  "Which backup was restored, for the record. At most 500 characters."
  reason: String!
  ${KEY}
}

"The timeline of a service."
type TimelinePayload @shareable @access(to: [ADMIN]) {
  "Its number from now on."
  timeline: Int!
}

"How many events of a type were published of those that were written down on a day."
type PublishedCount @shareable @access(to: [ADMIN]) {
  "The type, such as merit.competency.v1.TrainingCompleted."
  type: String!
  "The UTC day."
  day: LocalDate!
  "How many."
  published: Int!
}

"What became of events of a type that were written down on a day."
type AppliedCount @shareable @access(to: [ADMIN]) {
  "The topic they were read from."
  topic: String!
  "The type, such as merit.competency.v1.TrainingCompleted."
  type: String!
  "The UTC day."
  day: LocalDate!
  "How many had their effect, or were passed over because nobody here wants them."
  applied: Int!
  "How many a person left out."
  discarded: Int!
  "How many a snapshot told instead."
  covered: Int!
  "How many are set aside now, at fault or behind one that is; without those that were applied before and came again."
  waiting: Int!
}

"What became of all events of a topic."
type AppliedTotal @shareable @access(to: [ADMIN]) {
  "The topic they were read from."
  topic: String!
  "How many had their effect, or were passed over because nobody here wants them."
  applied: Float!
  "How many a person left out."
  discarded: Float!
  "How many a snapshot told instead."
  covered: Float!
  "How many are set aside now, at fault or behind one that is; without those that were applied before and came again."
  waiting: Float!
}

"A read model that is built anew."
type ModelRebuild @shareable @access(to: [ADMIN]) {
  "Its id, also that of the snapshot it asked for."
  id: ID!
  "Which read model."
  model: String!
  "How far it is."
  state: RebuildState!
  "On how many partitions the snapshot has come to its end."
  partitionsDone: Int!
  "Of how many."
  partitions: Int!
  "How many aggregates are in it; null once it is over."
  aggregates: Int
  "When it was opened."
  startedAt: DateTime!
  "Who asked for it."
  requestedBy: String!
  "Why."
  reason: String!
  "When it was put into use or dropped."
  settledAt: DateTime
  "By whom."
  settledBy: String
  "Why it failed; null when it did not."
  error: String
}

"How far a rebuild is."
enum RebuildState {
  "It takes the snapshot in."
  FILLING
  "It is complete: it can be compared, and put into use."
  READY
  "It could not be filled."
  FAILED
  "It is the one in use."
  SWAPPED
  "It was dropped."
  DROPPED
}

"How a table in use differs from the one that was built anew."
type ModelDifference @shareable @access(to: [ADMIN]) {
  "The table."
  table: String!
  "Rows that only the one in use has."
  onlyLive: Int!
  "Rows that only the one built anew has."
  onlyRebuilt: Int!
  "Some of both, as JSON. Who asks for them stands in the audit."
  examples: [String!]!
}

"Which read model to build anew, and why."
input RebuildModelInput {
  "Its name, such as directory."
  model: String!
  "Why, for the record. At most 500 characters."
  reason: String!
  ${KEY}
}

"What to do with a read model that was built anew."
input FinishRebuildInput {
  "Its name, such as directory."
  model: String!
  "The rebuild's id: of the one that was looked at. When another is open by now it is REBUILD_ANOTHER, and nothing is done."
  id: ID!
  "True to put it into use, false to drop it."
  swap: Boolean!
  "Why, for the record. At most 500 characters."
  reason: String!
  ${KEY}
}

"A rebuild after something was done to it."
type ModelRebuildPayload @shareable @access(to: [ADMIN]) {
  "It, as it is now."
  rebuild: ModelRebuild!
}

"How many events something was done to."
type EventCountPayload @shareable @access(to: [ADMIN]) {
  "How many."
  events: Int!
  "Where to go on, for a call does no more than fits into a request; null when all is done."
  next: ID
}
${connectionOf('DeadLetter', 'dead letters')}${connectionOf('ParkedEvent', 'parked events')}${connectionOf('OperationAudit', 'actions')}`;
