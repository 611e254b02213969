import { Role, RoleGrantedSchema, RoleRevokedSchema } from '@merit/proto/personnel';
import { type About, type Message, message, optional } from '../publish.js';
import type { GrantEvent } from './grant.js';

/** Keyed by subject, so that whatever is given to and taken from one person stays in order. */
export function toMessage(event: GrantEvent): Message {
  const { id: grantId, subject, role, agencyId, unitId, validFrom, validTo } = event.grant;
  const about: About = { aggregateType: 'grant', aggregateId: grantId, key: subject, agencyId };
  switch (event.type) {
    case 'RoleGranted':
      return message(RoleGrantedSchema, about, {
        grantId,
        subject,
        role: Role[role],
        ...optional('agencyId', agencyId),
        ...optional('unitId', unitId),
        validFrom,
        ...optional('validTo', validTo),
      });
    case 'RoleRevoked':
      return message(RoleRevokedSchema, about, { grantId, subject, validTo: event.grant.validTo });
    default:
      return event satisfies never;
  }
}
