import { chassisMigrations } from '@merit/chassis/database';
import { directoryEntities, directoryMigrations } from '@merit/directory/directory';
import type { EntitySchema } from 'typeorm';
import { AgencyTable } from './agency/agency.table.js';
import { AssignmentTable } from './assignment/assignment.table.js';
import { AvailabilityTable } from './availability/availability.table.js';
import { EmployeeTable, EmploymentTable } from './employee/employee.table.js';
import { GrantTable } from './grant/grant.table.js';
import { PositionTable } from './position/position.table.js';
import { ServiceAssignmentTable } from './service-assignment/service-assignment.table.js';
import { SupervisorOverrideTable } from './supervisor/supervisor.table.js';
import { UnitNameTable, UnitTable } from './unit/unit.table.js';
import { UnitParentTable } from './unit/unit-tree.table.js';

export const migrations: URL[] = [
  chassisMigrations,
  directoryMigrations,
  new URL('../src/migrations/', import.meta.url),
];

export const entities: EntitySchema[] = [
  ...directoryEntities,
  AgencyTable,
  UnitTable,
  UnitNameTable,
  UnitParentTable,
  PositionTable,
  EmployeeTable,
  EmploymentTable,
  AssignmentTable,
  SupervisorOverrideTable,
  AvailabilityTable,
  ServiceAssignmentTable,
  GrantTable,
];
