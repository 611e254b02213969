/** The service's tables and migrations. */
import { chassisMigrations } from '@merit/chassis/database';
import { directoryEntities, directoryMigrations } from '@merit/directory/directory';
import type { DataSource } from 'typeorm';

/** None of its own: its tables are read and written in SQL. */
export const entities = [...directoryEntities];

export const migrations = [chassisMigrations, directoryMigrations, new URL('../src/migrations/', import.meta.url)];

/** From what tokens and secrets are made: the configured key, else the one that was made with the tables. */
export async function keyOf(db: DataSource, configured: string | undefined): Promise<Buffer> {
  if (configured !== undefined) return Buffer.from(configured, 'utf8');
  const [row] = await db.query('select key from feedback_key');
  return row.key;
}
