/** Who belongs where, as far as scores depend on it: whoever is concerned is computed anew at once. */
import { decode, type ReceivedEvent } from '@merit/chassis/consumer';
import type { By } from '@merit/chassis/outbox';
import {
  AssignmentAnnulledSchema,
  AssignmentEndedSchema,
  AvailabilityRecordedSchema,
  EmployeeCorrectedSchema,
  EmployeeLeftSchema,
  EmployeeRegisteredSchema,
  EmployeeTransferredSchema,
  PositionAssignedSchema,
  ServiceAssignedSchema,
  ServiceEndedSchema,
} from '@merit/proto/personnel';
import type { EntityManager } from 'typeorm';
import { shareBelonging } from '../score/backlog.table.js';
import { foldScores } from '../score/score.commands.js';
import { yearsOf } from '../score/score.table.js';
import {
  type Absence,
  concernedBy,
  type ServiceAssignment,
  type ServiceEnd,
  saveAbsences,
  saveServiceAssignments,
  saveServiceEnds,
} from './membership.table.js';

/** What one event says here, and of whom. */
interface Said {
  readonly employeeId: string;
  readonly assigned?: ServiceAssignment;
  readonly ended?: ServiceEnd;
  readonly absence?: Absence;
}

/** Of those that `directory` reads, the person alone: it has written the rest in this transaction already. */
const READERS: ReadonlyMap<string, (event: ReceivedEvent) => Said | null> = new Map<
  string,
  (event: ReceivedEvent) => Said | null
>([
  [EmployeeRegisteredSchema.typeName, (event) => decode(EmployeeRegisteredSchema, event)],
  [EmployeeCorrectedSchema.typeName, (event) => decode(EmployeeCorrectedSchema, event)],
  [EmployeeTransferredSchema.typeName, (event) => decode(EmployeeTransferredSchema, event)],
  [EmployeeLeftSchema.typeName, (event) => decode(EmployeeLeftSchema, event)],
  [AssignmentEndedSchema.typeName, (event) => decode(AssignmentEndedSchema, event)],
  [AssignmentAnnulledSchema.typeName, (event) => decode(AssignmentAnnulledSchema, event)],
  [
    PositionAssignedSchema.typeName,
    (event) => {
      const { employeeId, leading } = decode(PositionAssignedSchema, event);
      return leading ? { employeeId } : null; // any other position changes no score
    },
  ],
  [ServiceAssignedSchema.typeName, assignedIn],
  [
    ServiceEndedSchema.typeName,
    (event) => {
      const { serviceAssignmentId: id, employeeId, validTo } = decode(ServiceEndedSchema, event);
      return { employeeId, ended: { id, validTo } };
    },
  ],
  [
    AvailabilityRecordedSchema.typeName,
    (event) => {
      const { availabilityId: id, employeeId, ...rest } = decode(AvailabilityRecordedSchema, event);
      const { awayFrom, awayTo, cancelled } = rest;
      return { employeeId, absence: { id, employeeId, awayFrom, awayTo, cancelled } };
    },
  ],
]);

function assignedIn(event: ReceivedEvent): Said {
  const m = decode(ServiceAssignedSchema, event);
  const { serviceAssignmentId: id, employeeId, serviceId, validFrom, validTo } = m;
  return { employeeId, assigned: { id, employeeId, serviceId, validFrom, validTo: validTo ?? null } };
}

export const membershipTypes: readonly string[] = [...READERS.keys()];

/** Takes personnel's events in, after `directory` has, and computes the scores of the people concerned. */
export async function takeMembership(tx: EntityManager, by: By, events: readonly ReceivedEvent[]): Promise<void> {
  await shareBelonging(tx);
  const said = events.flatMap((event) => READERS.get(event.type)?.(event) ?? []);
  await saveServiceAssignments(
    tx,
    said.flatMap(({ assigned }) => assigned ?? []),
  );
  await saveServiceEnds(tx, last(said.flatMap(({ ended }) => ended ?? [])));
  await saveAbsences(tx, last(said.flatMap(({ absence }) => absence ?? [])));
  const people = await concernedBy(tx, [...new Set(said.map(({ employeeId }) => employeeId))]);
  await foldScores(tx, by, await yearsOf(tx, people));
}

/** Of rows that say something of the same thing, the last: one statement may not touch a row twice. */
const last = <R extends { readonly id: string }>(rows: readonly R[]): R[] => [
  ...new Map(rows.map((row) => [row.id, row])).values(),
];
