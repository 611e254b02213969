import { AvailabilityRecordedSchema } from '@merit/proto/personnel';
import { type Message, message } from '../publish.js';
import type { AvailabilityEvent } from './availability.js';

/** Only the days: the kind of leave stays here. */
export function toMessage({ availability }: AvailabilityEvent, agencyId: string): Message {
  const { id: availabilityId, employeeId, awayFrom, awayTo, cancelledAt } = availability;
  return message(
    AvailabilityRecordedSchema,
    { aggregateType: 'employee', aggregateId: employeeId, agencyId },
    { availabilityId, employeeId, awayFrom, awayTo, cancelled: cancelledAt !== null },
  );
}
