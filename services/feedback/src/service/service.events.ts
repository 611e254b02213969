import { message } from '@merit/chassis/out/outbox';
import { ServiceChangedSchema, ServiceRegisteredSchema } from '@merit/proto/feedback';
import type { Message } from '../publish.js';
import type { ServiceEvent } from './service.js';

/** The domain's word for what happened → the contract's. */
export const serviceMessage = ({ type, service }: ServiceEvent, occurredAt: Date): Message => {
  const { id, agencyId, unitId, name } = service;
  const about = { aggregateType: 'service', aggregateId: id, key: id, agencyId, occurredAt };
  const schema = type === 'ServiceRegistered' ? ServiceRegisteredSchema : ServiceChangedSchema;
  return message(schema, about, { serviceId: id, unitId, name });
};
