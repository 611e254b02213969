/** What any service says of reads → the log that a person is shown. */
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { DomainError, isId } from '@merit/chassis/errors';
import { decode, type ReceivedEvent, type Subscription } from '@merit/chassis/in/consumer';
import { ACCESS_TOPIC } from '@merit/chassis/transport/envelope';
import { AccessRecordedSchema } from '@merit/proto/access';
import { type AccessEntry, insertEntries, ROLES, type Told } from './access-log.table.js';

/** All services publish there, this one too: what it answered itself comes the same way. It has no heartbeats. */
export const accessSubscription: Subscription = {
  topic: ACCESS_TOPIC,
  types: [AccessRecordedSchema.typeName],
  heartbeats: false,
  handle: (tx, events) => insertEntries(tx, events.map(entryOf)),
};

/** @throws PAYLOAD_INVALID, EVENT_UNREADABLE, which set that event aside and no other: its key is its own */
function entryOf(event: ReceivedEvent): Told {
  const { accessId, employeeIds, role, type, fields, accessedAt, ...reader } = decode(AccessRecordedSchema, event);
  const { unitId, agencyId, clientId, purpose } = reader;
  const ids = [accessId, ...employeeIds, ...(unitId ? [unitId] : []), ...(agencyId ? [agencyId] : [])];
  if (!ids.every(isId) || !isRole(role) || !accessedAt) {
    throw new DomainError('EVENT_UNREADABLE', 'This AccessRecorded does not say who was read of, as whom and when.');
  }
  return {
    ...{ id: accessId, role, type, fields, accessedAt: timestampDate(accessedAt), persons: employeeIds },
    ...{ unitId: unitId ?? null, agencyId: agencyId ?? null, clientId: clientId ?? null, purpose: purpose ?? null },
  };
}

const isRole = (role: string): role is AccessEntry['role'] => ROLES.includes(role as AccessEntry['role']);
