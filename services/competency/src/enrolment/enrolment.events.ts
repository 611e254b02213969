import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { encode, type OutboxEvent } from '@merit/chassis/out/outbox';
import { TrainingCompletedSchema, TrainingCorrectedSchema, TrainingRevokedSchema } from '@merit/proto/competency';
import type { EnrolmentEvent } from './enrolment.js';

/** The domain's word for what happened → the contract's. Ids and figures only: reasons and numbers stay here. */
export function toOutbox(event: EnrolmentEvent, agencyId: string, at: Date): OutboxEvent {
  const { id, eventId, employeeId } = event.enrolment;
  const type = `merit.competency.v1.${event.type}`;
  return {
    id: eventId,
    aggregateType: 'enrolment',
    aggregateId: id,
    key: employeeId,
    type,
    payload: payloadOf(event),
    occurredAt: at,
    agencyId,
  };
}

function payloadOf(event: EnrolmentEvent): Uint8Array {
  const { id: enrolmentId, employeeId, courseId, sessionId, hours, startsOn, endsOn } = event.enrolment;
  const completedAt = timestampFromDate(event.enrolment.completedAt);
  const days = { startsOn, endsOn };
  switch (event.type) {
    case 'TrainingCompleted': {
      const session = sessionId === null ? {} : { sessionId };
      const result = { hours: String(hours), completedAt, ...days };
      return encode(TrainingCompletedSchema, { enrolmentId, employeeId, courseId, ...session, ...result });
    }
    case 'TrainingCorrected': {
      const result = { hours: String(hours), completedAt, ...days };
      const correctsEventId = event.before.eventId;
      return encode(TrainingCorrectedSchema, { enrolmentId, employeeId, ...result, correctsEventId });
    }
    case 'TrainingRevoked':
      return encode(TrainingRevokedSchema, { enrolmentId, employeeId, revokesEventId: event.before.eventId });
    default:
      return event satisfies never;
  }
}
