/**
 * The read model of people, units, supervisors, grants and agreements that every service keeps in its own database, from
 * personnel's events.
 */
import type { Subscription } from '@merit/chassis/in/consumer';
import { type ReadModel, readModel } from '@merit/chassis/in/readmodel';
import type { DataSource, EntityManager, EntitySchema } from 'typeorm';
import { DIRECTORY_TOPIC, directoryTypes } from './directory.events.js';
import { applyToDirectory } from './directory.table.js';
import { DIRECTORY_TABLES, forgetInDirectory } from './forget.table.js';
import { supervisorsAt } from './supervisor.table.js';

export { type AgencyFacts, agenciesOf, applyToDirectory, type PersonAt, personAt } from './directory.table.js';
export { sharedWith } from './shared.table.js';
export { higherSupervisorsAt, supervisorsAt } from './supervisor.table.js';

/** The folder of the directory's tables, for `openDatabase`. */
export const directoryMigrations = new URL('../src/migrations/', import.meta.url);

/** None: its tables are read and written in SQL. */
export const directoryEntities: EntitySchema[] = [];

/** The directory as a read model, which can be built anew beside itself. */
export const directoryModel: ReadModel = {
  name: 'directory',
  topic: DIRECTORY_TOPIC,
  types: directoryTypes,
  tables: DIRECTORY_TABLES,
  apply: applyToDirectory,
  forget: forgetInDirectory,
};

/** To be listed before the service's own subscriptions, which may read what it writes. */
export const directorySubscription: Subscription = readModel(directoryModel);

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
