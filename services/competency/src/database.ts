import { chassisMigrations } from '@merit/chassis/database';
import { directoryEntities, directoryMigrations } from '@merit/directory/directory';
import type { EntitySchema } from 'typeorm';
import { CourseTable } from './course/course.table.js';
import { EnrolmentTable } from './enrolment/enrolment.table.js';

export const migrations: URL[] = [
  chassisMigrations,
  directoryMigrations,
  new URL('../src/migrations/', import.meta.url),
];

export const entities: EntitySchema[] = [...directoryEntities, CourseTable, EnrolmentTable];
