/** A person with all that shares their sequence: where they work, who supervises them, what they serve, when they are away. */
import type { AggregatePart, SnapshotSource } from '@merit/chassis/out/snapshot';
import type { EntityManager } from 'typeorm';
import { assignmentParts } from '../assignment/assignment.snapshot.js';
import { availabilityParts } from '../availability/availability.snapshot.js';
import { grouped, part } from '../part.js';
import { servedParts } from '../service-assignment/service-assignment.snapshot.js';
import { overrideParts } from '../supervisor/supervisor.snapshot.js';
import { toMessage } from './employee.events.js';
import type { Employee, Employment } from './employee.js';

type Person = Employee & { readonly recordedAt: Date; readonly leftRecordedAt: Date | null };
/** What stood before a correction. */
interface Correction {
  readonly employeeId: string;
  readonly before: Employee;
  readonly recordedAt: Date;
}
type Employed = Employment & { readonly recordedAt: Date };

export const employeeSnapshots: SnapshotSource = {
  aggregateType: 'employee',
  read: async (tx, after, limit) => {
    const people: Person[] = await tx.query(
      `select id, kind, service_from as "serviceFrom", contract_from as "contractFrom", contract_to as "contractTo",
              left_on as "leftOn", version, recorded_at as "recordedAt", left_recorded_at as "leftRecordedAt"
         from employee where $1::uuid is null or id > $1 order by id limit $2`,
      [after, limit],
    );
    const ids = people.map(({ id }) => id);
    const employments = grouped(await employmentsOf(tx, ids), ({ employeeId }) => employeeId);
    const corrections = grouped(await correctionsOf(tx, ids), ({ employeeId }) => employeeId);
    // By the agency of today, as what is entered today.
    const agencyOf = (id: string) => employments(id).at(-1)!.agencyId;
    const held = [
      await assignmentParts(tx, ids, agencyOf),
      await overrideParts(tx, ids, agencyOf),
      await availabilityParts(tx, ids, agencyOf),
      await servedParts(tx, ids, agencyOf),
    ];
    return people.map((person) => ({
      id: person.id,
      key: person.id,
      agencyId: agencyOf(person.id),
      parts: [
        ...ownParts(person, employments(person.id), corrections(person.id)),
        ...held.flatMap((partsOf) => partsOf(person.id)),
        ...leaving(person, agencyOf(person.id)),
      ],
    }));
  },
};

/** Each correction kept what stood before it, so what was entered at first and what each one said can be told again. */
function ownParts(
  person: Person,
  employments: readonly Employed[],
  corrections: readonly Correction[],
): AggregatePart[] {
  const [first, ...moves] = employments;
  const { agencyId } = first!;
  const [entered, ...corrected] = [...corrections.map(({ before }) => before), person];
  return [
    part(
      toMessage({ type: 'EmployeeRegistered', employee: asOf(entered!, person), agencyId }),
      'registered',
      person.recordedAt,
    ),
    ...corrected.map((employee, n) => {
      const { recordedAt } = corrections[n]!;
      const message = toMessage({ type: 'EmployeeCorrected', employee: asOf(employee, person), agencyId });
      return part(message, `corrected/${recordedAt.getTime()}`, recordedAt);
    }),
    ...moves.map((to, n) => {
      const message = toMessage({ type: 'EmployeeTransferred', employee: person, from: employments[n]!, to });
      return part(message, `transferred/${to.validFrom}`, to.recordedAt);
    }),
  ];
}

/** A correction keeps the id too, but it is the person's. */
const asOf = (employee: Employee, { id }: Person): Employee => ({ ...employee, id });

function leaving(person: Person, agencyId: string): AggregatePart[] {
  const { leftOn: validTo, leftRecordedAt } = person;
  if (validTo === null || leftRecordedAt === null) return [];
  return [
    part(toMessage({ type: 'EmployeeLeft', employee: person, agencyId, validTo }), `left/${validTo}`, leftRecordedAt),
  ];
}

const employmentsOf = (tx: EntityManager, ids: readonly string[]): Promise<Employed[]> =>
  tx.query(
    `select employee_id as "employeeId", agency_id as "agencyId", valid_from as "validFrom", valid_to as "validTo",
            recorded_at as "recordedAt"
       from employment where employee_id = any($1) order by employee_id, valid_from`,
    [ids],
  );

const correctionsOf = (tx: EntityManager, ids: readonly string[]): Promise<Correction[]> =>
  tx.query(
    `select employee_id as "employeeId", before - 'nip' - 'name' as before, recorded_at as "recordedAt"
       from employee_correction where employee_id = any($1) order by recorded_at, (before ->> 'version')::int`,
    [ids],
  );
