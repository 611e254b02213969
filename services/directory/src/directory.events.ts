/** personnel's events → facts of the directory: what each says, in rows of the statements in `directory.table.ts`. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import { DomainError } from '@merit/chassis/errors';
import { decode, type ReceivedEvent } from '@merit/chassis/in/consumer';
import {
  AgencyRegisteredSchema,
  AgreementEndedSchema,
  AgreementSignedSchema,
  AssignmentAnnulledSchema,
  AssignmentEndedSchema,
  AssignmentKind,
  EmployeeCorrectedSchema,
  EmployeeLeftSchema,
  EmployeeRegisteredSchema,
  EmployeeTransferredSchema,
  EmploymentKind,
  PositionAssignedSchema,
  Role,
  RoleGrantedSchema,
  RoleRevokedSchema,
  SupervisorChangedSchema,
  UnitClosedSchema,
  UnitMergedSchema,
  UnitMovedSchema,
  UnitRegisteredSchema,
  UnitRenamedSchema,
} from '@merit/proto/personnel';

export type FactKind =
  | 'agency'
  | 'unit'
  | 'unitParent'
  | 'unitMoved'
  | 'unitRenamed'
  | 'unitEnded'
  | 'employee'
  | 'employeeCorrected'
  | 'employeeLeft'
  | 'employment'
  | 'transfer'
  | 'assignment'
  | 'assignmentEnd'
  | 'assignmentEnded'
  | 'assignmentAnnulled'
  | 'override'
  | 'grant'
  | 'grantEnded'
  | 'agreement'
  | 'agreementEmployee'
  | 'agreementUnit'
  | 'agreementEnded';

/** One row for the statement of its kind. Of rows with the same key, the last one counts. */
export interface Fact {
  readonly kind: FactKind;
  readonly key: string;
  readonly row: Readonly<Record<string, string | boolean | null>>;
}

const fact = (kind: FactKind, key: string, row: Record<string, string | boolean | null | undefined>): Fact => ({
  kind,
  key,
  row: Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? null])),
});

type Reader = readonly [type: string, read: (payload: Uint8Array) => Fact[]];

const on = <S extends DescMessage>(schema: S, read: (message: MessageShape<S>) => Fact[]): Reader => [
  schema.typeName,
  (payload) => read(decode(schema, { type: schema.typeName, payload })),
];

const READERS: ReadonlyMap<string, (payload: Uint8Array) => Fact[]> = new Map([
  on(AgencyRegisteredSchema, ({ agencyId: id, name, timeZone }) => [
    fact('agency', id, { id, name, time_zone: requireZone(timeZone) }),
  ]),
  on(UnitRegisteredSchema, ({ unitId: id, agencyId, parentId, name, validFrom }) => [
    fact('unit', id, { id, agency_id: agencyId, name }),
    fact('unitParent', id, { unit_id: id, parent_id: parentId, valid_from: validFrom }),
  ]),
  on(UnitMovedSchema, ({ unitId, parentId, validFrom }) => [
    fact('unitMoved', `${unitId} ${validFrom}`, { unit_id: unitId, parent_id: parentId, valid_from: validFrom }),
  ]),
  on(UnitRenamedSchema, ({ unitId: id, name }) => [fact('unitRenamed', id, { id, name })]),
  on(UnitMergedSchema, ({ unitId: id, intoUnitId, validFrom }) => [
    fact('unitEnded', id, { id, closed_on: dayBefore(validFrom), merged_into: intoUnitId }),
  ]),
  on(UnitClosedSchema, ({ unitId: id, validTo }) => [
    fact('unitEnded', id, { id, closed_on: validTo, merged_into: null }),
  ]),
  on(EmployeeRegisteredSchema, (m) => [
    fact('employee', m.employeeId, employeeRow(m)),
    fact('employment', m.employeeId, {
      employee_id: m.employeeId,
      agency_id: m.agencyId,
      valid_from: m.serviceFrom,
    }),
  ]),
  on(EmployeeCorrectedSchema, (m) => [fact('employeeCorrected', m.employeeId, employeeRow(m))]),
  on(EmployeeTransferredSchema, ({ employeeId, toAgencyId, validFrom }) => [
    fact('transfer', `${employeeId} ${validFrom}`, {
      employee_id: employeeId,
      agency_id: toAgencyId,
      valid_from: validFrom,
    }),
  ]),
  on(EmployeeLeftSchema, ({ employeeId: id, validTo }) => [fact('employeeLeft', id, { id, left_on: validTo })]),
  on(PositionAssignedSchema, (m) => {
    const { assignmentId: id, validTo } = m;
    const recordedAt = moment(m.recordedAt);
    return [
      fact('assignment', id, {
        id,
        employee_id: m.employeeId,
        position_id: m.positionId,
        unit_id: m.unitId,
        leading: m.leading,
        kind: nameOf(AssignmentKind, m.kind),
        position_title: m.positionTitle,
        valid_from: m.validFrom,
        valid_to: validTo,
        recorded_at: recordedAt,
      }),
      ...(validTo === undefined ? [] : [assignmentEnd(id, validTo, recordedAt)]),
    ];
  }),
  on(AssignmentEndedSchema, ({ assignmentId: id, validTo, recordedAt: at }) => {
    const recordedAt = moment(at);
    return [
      assignmentEnd(id, validTo, recordedAt),
      fact('assignmentEnded', id, { id, valid_to: validTo, ended_recorded_at: recordedAt }),
    ];
  }),
  on(AssignmentAnnulledSchema, ({ assignmentId: id, recordedAt }) => [
    fact('assignmentAnnulled', id, { id, annulled_at: moment(recordedAt) }),
  ]),
  on(SupervisorChangedSchema, ({ overrideId: id, employeeId, supervisorId, validFrom, validTo, recordedAt: at }) => {
    const recordedAt = moment(at);
    return [
      fact('override', `${id} ${recordedAt}`, {
        id,
        employee_id: employeeId,
        supervisor_id: supervisorId,
        valid_from: validFrom,
        valid_to: validTo,
        recorded_at: recordedAt,
      }),
    ];
  }),
  on(RoleGrantedSchema, ({ grantId: id, subject, role, agencyId, unitId, validFrom, validTo }) => [
    fact('grant', id, {
      id,
      subject,
      role: nameOf(Role, role),
      agency_id: agencyId,
      unit_id: unitId,
      valid_from: validFrom,
      valid_to: validTo,
    }),
  ]),
  on(RoleRevokedSchema, ({ grantId: id, validTo }) => [fact('grantEnded', id, { id, valid_to: validTo })]),
  on(AgreementSignedSchema, ({ agreementId: id, clientId, agencyId, employeeIds, unitIds, validFrom, validTo }) => [
    fact('agreement', id, {
      id,
      client_id: clientId,
      agency_id: agencyId,
      valid_from: validFrom,
      valid_to: validTo,
    }),
    ...employeeIds.map((one) => fact('agreementEmployee', `${id} ${one}`, { agreement_id: id, employee_id: one })),
    ...unitIds.map((one) => fact('agreementUnit', `${id} ${one}`, { agreement_id: id, unit_id: one })),
  ]),
  on(AgreementEndedSchema, ({ agreementId: id, validTo }) => [fact('agreementEnded', id, { id, valid_to: validTo })]),
]);

/** Where personnel publishes. */
export const DIRECTORY_TOPIC = 'merit.personnel.v1';

/** The types that the directory reads; the topic has others. */
export const directoryTypes: readonly string[] = [...READERS.keys()];

/**
 * What an event says; nothing for a type that the directory does not read.
 * @throws PAYLOAD_INVALID for a payload that is no message of its type, EVENT_UNREADABLE for one that says what no
 * directory can hold
 */
export function factsOf({ type, payload }: Pick<ReceivedEvent, 'type' | 'payload'>): Fact[] {
  try {
    return READERS.get(type)?.(payload) ?? [];
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError('EVENT_UNREADABLE', `This ${type} cannot be read: ${(error as Error).message}`, { type });
  }
}

type EmployeeMessage = {
  readonly employeeId: string;
  readonly kind: EmploymentKind;
  readonly serviceFrom: string;
  readonly contractFrom?: string;
  readonly contractTo?: string;
};

const employeeRow = ({ employeeId, kind, serviceFrom, contractFrom, contractTo }: EmployeeMessage) => ({
  id: employeeId,
  kind: nameOf(EmploymentKind, kind),
  service_from: serviceFrom,
  contract_from: contractFrom,
  contract_to: contractTo,
});

const assignmentEnd = (id: string, validTo: string, recordedAt: string): Fact =>
  fact('assignmentEnd', `${id} ${recordedAt}`, { assignment_id: id, valid_to: validTo, recorded_at: recordedAt });

/** The generated enums name their values without the prefix: PNS, PLT, HR. */
function nameOf(names: Record<number, string>, value: number): string {
  const name = names[value];
  if (name === undefined || value === 0) throw new Error(`${value} is no value that is known here`);
  return name;
}

function moment(timestamp: Timestamp | undefined): string {
  if (!timestamp) throw new Error('it does not say when it was recorded');
  return timestampDate(timestamp).toISOString();
}

function dayBefore(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  return new Date(date.getTime() - 86_400_000).toISOString().slice(0, 10);
}

/** PostgreSQL would refuse every judgement that concerns an agency of an unknown zone, so the event is refused. */
function requireZone(timeZone: string): string {
  new Intl.DateTimeFormat('en', { timeZone });
  return timeZone;
}
