/** What personnel does with people: they serve somewhere for a day, and are moved between the agencies. */
import { addDays } from '@merit/chassis/local-date';
import type { Chance } from '../seed/chance.js';
import { type Desk, someoneFree } from './ops.desk.js';
import { mutation, type Op, same, type Told } from './ops.step.js';
import { YEAR } from './world.fill.js';
import type { World } from './world.js';

/** The number of a person's event is not known here: the seed has told of them before. */
const onPerson = (employeeId: string, type: string): Told => ({
  ...{ service: 'personnel', type: `merit.personnel.v1.${type}` },
  of: () => ({ subject: `employee/${employeeId}`, sequence: 0 }),
});

/** A person serves for a day; nothing when everyone is being dealt with. */
export function service(
  { people, services }: Pick<World, 'people' | 'services'>,
  desk: Desk,
  chance: Chance,
): Op | undefined {
  const employeeId = someoneFree(people, desk, chance);
  if (!employeeId) return undefined;
  const days = (desk.days.get(employeeId) ?? 0) + 1;
  desk.days.set(employeeId, days);
  const validFrom = addDays(`${YEAR}-01-01`, days);
  return {
    name: 'service',
    done: () => void desk.busy.delete(employeeId),
    steps: [
      {
        query: mutation('assignService', 'AssignServiceInput', 'serviceAssignment { id }'),
        input: () => ({ employeeId, serviceId: chance.pick(services), validFrom }),
        read: (data) => data.assignService.serviceAssignment.id,
        event: onPerson(employeeId, 'ServiceAssigned'),
      },
      {
        query: mutation('endService', 'EndServiceInput', 'serviceAssignment { id }'),
        input: (serviceAssignmentId) => ({ serviceAssignmentId, validTo: validFrom }),
        read: same,
        event: onPerson(employeeId, 'ServiceEnded'),
      },
    ],
  };
}

/** A person is moved to the other agency, and next time back; nothing when everyone is being dealt with. */
export function transfer(
  { movers, agencies }: Pick<World, 'movers' | 'agencies'>,
  desk: Desk,
  chance: Chance,
): Op | undefined {
  const employeeId = someoneFree(movers, desk, chance);
  if (!employeeId) return undefined;
  const moves = (desk.moves.get(employeeId) ?? 0) + 1;
  desk.moves.set(employeeId, moves);
  return {
    name: 'transfer',
    done: () => void desk.busy.delete(employeeId),
    steps: [
      {
        query: mutation('transferEmployee', 'TransferEmployeeInput', 'employee { id }'),
        input: () => ({
          ...{ employeeId, toAgencyId: agencies[moves % 2] },
          validFrom: addDays(`${YEAR}-01-01`, moves),
        }),
        read: same,
        event: onPerson(employeeId, 'EmployeeTransferred'),
      },
    ],
  };
}
