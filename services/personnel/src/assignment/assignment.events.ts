import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import {
  AssignmentAnnulledSchema,
  AssignmentEndedSchema,
  AssignmentKind,
  PositionAssignedSchema,
} from '@merit/proto/personnel';
import { type About, type Message, message, optional } from '../publish.js';
import type { AssignmentEvent } from './assignment.js';

/** The decree stays here, and so does the reason of an annulment: a reader needs what holds, and when it was known. */
export function toMessage(event: AssignmentEvent, agencyId: string): Message {
  const { id: assignmentId, employeeId } = event.assignment;
  const about: About = { aggregateType: 'employee', aggregateId: employeeId, agencyId };
  switch (event.type) {
    case 'PositionAssigned': {
      const { assignment, position } = event;
      return message(PositionAssignedSchema, about, {
        assignmentId,
        employeeId,
        positionId: position.id,
        unitId: position.unitId,
        leading: position.leading,
        kind: AssignmentKind[assignment.kind],
        validFrom: assignment.validFrom,
        ...optional('validTo', assignment.validTo),
        recordedAt: timestampFromDate(assignment.recordedAt),
        positionTitle: position.title,
      });
    }
    case 'AssignmentEnded': {
      const { validTo, endedRecordedAt } = event.assignment;
      const recordedAt = timestampFromDate(endedRecordedAt);
      return message(AssignmentEndedSchema, about, { assignmentId, employeeId, validTo, recordedAt });
    }
    case 'AssignmentAnnulled': {
      const recordedAt = timestampFromDate(event.assignment.annulledAt);
      return message(AssignmentAnnulledSchema, about, { assignmentId, employeeId, recordedAt });
    }
    default:
      return event satisfies never;
  }
}
