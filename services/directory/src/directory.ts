/**
 * The read model of people, units, supervisors and grants that every service keeps in its own database, from
 * personnel's events.
 */
import type { Subscription } from '@merit/chassis/consumer';
import type { DataSource, EntityManager, EntitySchema } from 'typeorm';
import { directoryTypes } from './directory.events.js';
import { applyToDirectory } from './directory.table.js';
import { supervisorsAt } from './supervisor.table.js';

export { type AgencyFacts, agenciesOf, applyToDirectory, type PersonAt, personAt } from './directory.table.js';
export { higherSupervisorsAt, supervisorsAt } from './supervisor.table.js';

/** The folder of the directory's tables, for `openDatabase`. */
export const directoryMigrations = new URL('../src/migrations/', import.meta.url);

/** None: its tables are read and written in SQL. */
export const directoryEntities: EntitySchema[] = [];

/** To be listed before the service's own subscriptions, which may read what it writes. */
export const directorySubscription: Subscription = {
  topic: 'merit.personnel.v1',
  types: directoryTypes,
  handle: applyToDirectory,
};

/**
 * Who supervises an employee on a day, as it was known at a moment (all that is known now unless told); null for nobody.
 * The rule is in `supervisor.ts`.
 */
export async function supervisorOf(
  tx: DataSource | EntityManager,
  employeeId: string,
  date: string,
  knownAt?: Date,
): Promise<string | null> {
  return (await supervisorsAt(tx, [employeeId], date, knownAt)).get(employeeId) ?? null;
}
