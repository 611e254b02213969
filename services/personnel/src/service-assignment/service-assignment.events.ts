import { ServiceAssignedSchema, ServiceEndedSchema } from '@merit/proto/personnel';
import { type About, type Message, message, optional } from '../publish.js';
import type { ServiceAssignmentEvent } from './service-assignment.js';

export function toMessage(event: ServiceAssignmentEvent, agencyId: string): Message {
  const { id: serviceAssignmentId, employeeId, serviceId, validFrom, validTo } = event.served;
  const about: About = { aggregateType: 'employee', aggregateId: employeeId, agencyId };
  const served = { serviceAssignmentId, employeeId, serviceId };
  switch (event.type) {
    case 'ServiceAssigned':
      return message(ServiceAssignedSchema, about, { ...served, validFrom, ...optional('validTo', validTo) });
    case 'ServiceEnded':
      return message(ServiceEndedSchema, about, { ...served, validTo: event.served.validTo });
    default:
      return event satisfies never;
  }
}
