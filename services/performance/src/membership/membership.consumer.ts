/** Who serves which public service and who is away, as personnel says: a read model, which can be built anew. */
import { decode, type ReceivedEvent } from '@merit/chassis/in/consumer';
import type { ReadModel } from '@merit/chassis/in/readmodel';
import { AvailabilityRecordedSchema, ServiceAssignedSchema, ServiceEndedSchema } from '@merit/proto/personnel';
import type { EntityManager } from 'typeorm';
import {
  type Absence,
  forgetPeople,
  type ServiceAssignment,
  type ServiceEnd,
  saveAbsences,
  saveServiceAssignments,
  saveServiceEnds,
} from './membership.table.js';

/** What one event says. */
interface Said {
  readonly assigned?: ServiceAssignment;
  readonly ended?: ServiceEnd;
  readonly absence?: Absence;
}

const READERS: ReadonlyMap<string, (event: ReceivedEvent) => Said> = new Map<string, (event: ReceivedEvent) => Said>([
  [
    ServiceAssignedSchema.typeName,
    (event) => {
      const {
        serviceAssignmentId: id,
        employeeId,
        serviceId,
        validFrom,
        validTo,
      } = decode(ServiceAssignedSchema, event);
      return { assigned: { id, employeeId, serviceId, validFrom, validTo: validTo ?? null } };
    },
  ],
  [
    ServiceEndedSchema.typeName,
    (event) => {
      const { serviceAssignmentId: id, validTo } = decode(ServiceEndedSchema, event);
      return { ended: { id, validTo } };
    },
  ],
  [
    AvailabilityRecordedSchema.typeName,
    (event) => {
      const { availabilityId: id, ...rest } = decode(AvailabilityRecordedSchema, event);
      const { employeeId, awayFrom, awayTo, cancelled } = rest;
      return { absence: { id, employeeId, awayFrom, awayTo, cancelled } };
    },
  ],
]);

/** To be listed behind the directory, and before what computes scores by it. */
export const membershipModel: ReadModel = {
  name: 'membership',
  topic: 'merit.personnel.v1',
  types: [...READERS.keys()],
  tables: ['service_assignment', 'absence'],
  apply,
  forget: forgetPeople,
};

/** Three statements, however many events. */
async function apply(tx: EntityManager, events: readonly ReceivedEvent[]): Promise<void> {
  const said = events.flatMap((event) => READERS.get(event.type)?.(event) ?? []);
  await saveServiceAssignments(
    tx,
    said.flatMap(({ assigned }) => assigned ?? []),
  );
  await saveServiceEnds(tx, last(said.flatMap(({ ended }) => ended ?? [])));
  await saveAbsences(tx, last(said.flatMap(({ absence }) => absence ?? [])));
}

/** Of rows that say something of the same thing, the last: one statement may not touch a row twice. */
const last = <R extends { readonly id: string }>(rows: readonly R[]): R[] => [
  ...new Map(rows.map((row) => [row.id, row])).values(),
];
