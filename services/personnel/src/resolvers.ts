/** The concepts' resolvers as one: several concepts answer fields of Query, Mutation and Employee. */
import { mergeResolvers } from '@merit/chassis/api/graph';
import { accessLogResolvers } from './access-log/access-log.resolvers.js';
import { agencyResolvers } from './agency/agency.resolvers.js';
import { agreementResolvers } from './agreement/agreement.resolvers.js';
import { assignmentResolvers } from './assignment/assignment.resolvers.js';
import { availabilityResolvers } from './availability/availability.resolvers.js';
import { employeeResolvers } from './employee/employee.resolvers.js';
import { employeeImportResolvers } from './employee-import/employee-import.resolvers.js';
import { grantResolvers } from './grant/grant.resolvers.js';
import { positionResolvers } from './position/position.resolvers.js';
import { serviceAssignmentResolvers } from './service-assignment/service-assignment.resolvers.js';
import { supervisorResolvers } from './supervisor/supervisor.resolvers.js';
import { unitResolvers } from './unit/unit.resolvers.js';
import { unitImportResolvers } from './unit-import/unit-import.resolvers.js';

export const resolvers = mergeResolvers([
  agencyResolvers,
  unitResolvers,
  unitImportResolvers,
  positionResolvers,
  employeeResolvers,
  employeeImportResolvers,
  assignmentResolvers,
  supervisorResolvers,
  availabilityResolvers,
  serviceAssignmentResolvers,
  grantResolvers,
  agreementResolvers,
  accessLogResolvers,
]);
