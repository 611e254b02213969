import type { ServiceContext } from '@merit/chassis/api/context';
import type { LocalDate } from '@merit/chassis/local-date';
import type { EntityManager } from 'typeorm';
import * as assignments from '../assignment/assignment.events.js';
import { endAll } from '../assignment/assignment.js';
import { assignmentsOfPerson, saveEnds } from '../assignment/assignment.table.js';
import * as grants from '../grant/grant.events.js';
import { endGrants } from '../grant/grant.js';
import { lockGrantsOf, saveGrants } from '../grant/grant.table.js';
import type { Message } from '../publish.js';
import * as services from '../service-assignment/service-assignment.events.js';
import { endServices } from '../service-assignment/service-assignment.js';
import { saveServed, servedBy } from '../service-assignment/service-assignment.table.js';

/**
 * Ends all that a person holds by working for an agency: positions, services and roles, by the last day there.
 * A role that outlived the employment would be a door left open.
 * @returns what is to be published
 */
export async function depart(
  tx: EntityManager,
  context: ServiceContext,
  { employeeId, agencyId, lastDay }: { employeeId: string; agencyId: string; lastDay: LocalDate },
): Promise<Message[]> {
  const now = context.now();
  const held = endAll(await assignmentsOfPerson(tx, employeeId), lastDay, now);
  const served = endServices(await servedBy(tx, employeeId), lastDay);
  const granted = endGrants(await lockGrantsOf(tx, employeeId), lastDay, now);
  await saveEnds(tx, held.state);
  await saveServed(tx, served.state);
  await saveGrants(tx, granted.state);
  return [
    ...held.events.map((event) => assignments.toMessage(event, agencyId)),
    ...served.events.map((event) => services.toMessage(event, agencyId)),
    ...granted.events.map(grants.toMessage),
  ];
}
