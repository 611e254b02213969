/** Whose score depends on where they belong: whoever is concerned by an event of personnel is computed anew at once. */
import { shareBelonging } from '@merit/chassis/backlog';
import { decode, type ReceivedEvent } from '@merit/chassis/in/consumer';
import type { By } from '@merit/chassis/out/outbox';
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
import { foldScores } from '../score/score.commands.js';
import { yearsOf } from '../score/score.table.js';
import { concernedBy } from './membership.table.js';

const AFTER = [
  EmployeeRegisteredSchema,
  EmployeeCorrectedSchema,
  EmployeeTransferredSchema,
  EmployeeLeftSchema,
  PositionAssignedSchema,
  AssignmentEndedSchema,
  AssignmentAnnulledSchema,
  ServiceAssignedSchema,
  ServiceEndedSchema,
  AvailabilityRecordedSchema,
] as const;
const SCHEMAS = new Map(AFTER.map((schema) => [schema.typeName as string, schema]));

export const belongingTypes: readonly string[] = [...SCHEMAS.keys()];

/** Computes the scores of the people concerned, after `directory` and `membership` have written who belongs where. */
export async function recomputeConcerned(tx: EntityManager, by: By, events: readonly ReceivedEvent[]): Promise<void> {
  await shareBelonging(tx);
  const causes = new Map<string, ReceivedEvent>();
  for (const event of events) {
    const person = personOf(event);
    if (person === null) continue;
    causes.delete(person); // so that the order is that of each person's last event
    causes.set(person, event);
  }
  const concerned = await concernedBy(tx, [...causes.keys()]);
  const traces = new Map(concerned.map(({ employeeId, because }) => [employeeId, causes.get(because)!.traceparent]));
  const keys = await yearsOf(tx, [...traces.keys()]);
  await foldScores(
    tx,
    by,
    keys.map((key) => ({ ...key, traceparent: traces.get(key.employeeId) ?? null })),
  );
}

/** Whom an event is about; null where it changes no score: the position of one who leads nothing. */
function personOf(event: ReceivedEvent): string | null {
  const schema = SCHEMAS.get(event.type);
  if (!schema) return null;
  if (schema === PositionAssignedSchema) {
    const { employeeId, leading } = decode(PositionAssignedSchema, event);
    return leading ? employeeId : null;
  }
  return decode(schema, event).employeeId;
}
