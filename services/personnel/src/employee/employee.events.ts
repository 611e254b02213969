import {
  EmployeeCorrectedSchema,
  EmployeeLeftSchema,
  EmployeeRegisteredSchema,
  EmployeeTransferredSchema,
  EmploymentKind,
} from '@merit/proto/personnel';
import { type About, type Message, message, optional } from '../publish.js';
import type { Employee, EmployeeEvent } from './employee.js';

/** Neither name nor identity number leaves: who wants the name asks the graph, under the viewer's rights. */
export function toMessage(event: EmployeeEvent): Message {
  const employeeId = event.employee.id;
  const about = (agencyId: string): About => ({ aggregateType: 'employee', aggregateId: employeeId, agencyId });
  switch (event.type) {
    case 'EmployeeRegistered': {
      const { agencyId, employee } = event;
      return message(EmployeeRegisteredSchema, about(agencyId), { employeeId, agencyId, ...service(employee) });
    }
    case 'EmployeeCorrected':
      return message(EmployeeCorrectedSchema, about(event.agencyId), { employeeId, ...service(event.employee) });
    case 'EmployeeTransferred': {
      const { from, to } = event;
      return message(EmployeeTransferredSchema, about(from.agencyId), {
        employeeId,
        fromAgencyId: from.agencyId,
        toAgencyId: to.agencyId,
        validFrom: to.validFrom,
      });
    }
    case 'EmployeeLeft':
      return message(EmployeeLeftSchema, about(event.agencyId), { employeeId, validTo: event.validTo });
    default:
      return event satisfies never;
  }
}

const service = ({ kind, serviceFrom, contractFrom, contractTo }: Employee) => ({
  kind: EmploymentKind[kind],
  serviceFrom,
  ...optional('contractFrom', contractFrom),
  ...optional('contractTo', contractTo),
});
