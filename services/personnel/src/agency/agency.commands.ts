import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError } from '@merit/chassis/errors';
import { demand } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { publish } from '../publish.js';
import { toMessage } from './agency.events.js';
import * as rule from './agency.js';
import { addAgency } from './agency.table.js';

export interface RegisterAgency {
  readonly name: string;
  readonly timeZone: string;
}

/** ADMIN. @throws AGENCY_EXISTS on `name`, and as the rule */
export async function registerAgency(tx: EntityManager, context: ServiceContext, command: RegisterAgency) {
  await demand(context, ['ADMIN'], {});
  const { state, events } = rule.registerAgency(context.newId(), command);
  if (!(await addAgency(tx, state))) {
    throw new DomainError('AGENCY_EXISTS', 'An agency of that name is registered. Use that one.', { field: 'name' });
  }
  await publish(tx, context, events.map(toMessage));
  return { agencyId: state.id };
}
