/** This service's own database: which migrations it is made of. */
import { chassisMigrations, openDatabase } from '@merit/chassis/database';
import { directoryEntities, directoryMigrations } from '@merit/directory/directory';
import type { DataSource } from 'typeorm';

export const migrations: URL[] = [
  chassisMigrations,
  directoryMigrations,
  new URL('../src/migrations/', import.meta.url),
];

/** The service's own tables are read and written in SQL. */
export const entities = [...directoryEntities];

export const openPerformance = (url: string, poolSize: number): Promise<DataSource> =>
  openDatabase({ url, poolSize, entities, migrations, name: 'merit-performance' });
