/** What a publisher shows of itself and does again: beside operations.publishing.ts. */
import { connectionOf, KEY } from './operations.sdl.parts.js';

export const PUBLISHING = `
"What waits in a service's outbox."
type RelayState @shareable @access(to: [ADMIN]) {
  "Events that wait to be published."
  backlog: Int!
  "The age of the oldest of them, in seconds; 0 when none waits."
  oldestSeconds: Float!
  "Events that are not published because they, or an earlier one of their key, were refused."
  parked: Int!
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

"How many events something was done to."
type EventCountPayload @shareable @access(to: [ADMIN]) {
  "How many."
  events: Int!
  "Where to go on, for a call does no more than fits into a request; null when all is done."
  next: ID
}
${connectionOf('ParkedEvent', 'parked events')}`;
