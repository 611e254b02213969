/** What this service tells of its aggregates when it is asked where they stand: one source for each type. */
import type { SnapshotSource } from '@merit/chassis/out/snapshot';
import { agencySnapshots } from './agency/agency.snapshot.js';
import { agreementSnapshots } from './agreement/agreement.snapshot.js';
import { employeeSnapshots } from './employee/employee.snapshot.js';
import { grantSnapshots } from './grant/grant.snapshot.js';
import { unitSnapshots } from './unit/unit.snapshot.js';

/** Who is who first, then who may do what. */
export const sources: readonly SnapshotSource[] = [
  agencySnapshots,
  unitSnapshots,
  employeeSnapshots,
  grantSnapshots,
  agreementSnapshots,
];
