/** Dead letters in the graph, and what can be done about them: beside operations.letters.ts. */
import { connectionOf, KEY } from './operations.sdl.parts.js';

export const LETTERS = `
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
${connectionOf('DeadLetter', 'dead letters')}`;
