/** Read models built anew, and what became of others’ events: beside operations.rebuilds.ts. */
import { KEY } from './operations.sdl.parts.js';

export const REBUILDS = `
"What became of events of a type that were written down on a day."
type AppliedCount @shareable @access(to: [ADMIN]) {
  "The topic they were read from."
  topic: String!
  "Who published them, such as /merit/performance; empty for those of a topic of all services that were counted before it was kept."
  source: String!
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
  "Who published them; empty for those of a topic of all services that were counted before it was kept."
  source: String!
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
  "Of how many, where the service builds it from its own; null elsewhere, and until they are counted."
  aggregatesInAll: Int
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
  "It takes the snapshot in, or what the service has itself."
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
`;
