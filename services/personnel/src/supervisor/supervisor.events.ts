import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { SupervisorChangedSchema } from '@merit/proto/personnel';
import { type Message, message, optional } from '../publish.js';
import type { SupervisorEvent } from './supervisor.js';

/** A setting that was taken back names no supervisor. The reasons stay here. */
export function toMessage({ override, recordedAt }: SupervisorEvent, agencyId: string): Message {
  const { id: overrideId, employeeId, supervisorId, validFrom, validTo, withdrawnAt } = override;
  return message(
    SupervisorChangedSchema,
    { aggregateType: 'employee', aggregateId: employeeId, agencyId },
    {
      overrideId,
      employeeId,
      ...optional('supervisorId', withdrawnAt ? null : supervisorId),
      validFrom,
      ...optional('validTo', validTo),
      recordedAt: timestampFromDate(recordedAt),
    },
  );
}
