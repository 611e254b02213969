/** A small town as personnel's events tell it, for the tests of the directory. */
import { createHash } from 'node:crypto';
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Viewer } from '@merit/chassis/api/viewer';
import { deliver, type ReceivedEvent } from '@merit/chassis/in/consumer';
import { encode } from '@merit/chassis/out/outbox';
import { received } from '@merit/chassis/testing';
import {
  AgencyRegisteredSchema,
  AssignmentKind,
  EmployeeRegisteredSchema,
  EmploymentKind,
  PositionAssignedSchema,
  Role,
  RoleGrantedSchema,
  UnitRegisteredSchema,
} from '@merit/proto/personnel';
import type { DataSource } from 'typeorm';
import { directorySubscription } from '../src/directory.js';
import { DIRECTORY_TABLES } from '../src/forget.table.js';

export const event = <S extends DescMessage>(schema: S, value: MessageInitShape<S>): ReceivedEvent =>
  received(schema.typeName, encode(schema, value));

/** The same id for the same name, so that a failing test shows whom it is about: `town('kadis')`. */
export function id(name: string): string {
  const hex = Buffer.from(name.padEnd(16, '.').slice(0, 16)).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
export const at = (moment: string) => timestampFromDate(new Date(moment));
export const RECORDED = at('2026-01-01T00:00:00Z');

export const agency = (name: string, timeZone = 'Asia/Jakarta') =>
  event(AgencyRegisteredSchema, { agencyId: id(name), name, timeZone });

export const unit = (name: string, agencyName: string, parent?: string) =>
  event(UnitRegisteredSchema, {
    unitId: id(name),
    agencyId: id(agencyName),
    ...(parent ? { parentId: id(parent) } : {}),
    name,
    validFrom: '2020-01-01',
  });

export const employee = (name: string, agencyName: string, serviceFrom = '2020-01-01') =>
  event(EmployeeRegisteredSchema, {
    employeeId: id(name),
    agencyId: id(agencyName),
    kind: EmploymentKind.PNS,
    serviceFrom,
  });

type Assigned = { [Name in keyof MessageInitShape<typeof PositionAssignedSchema>]?: unknown };

export const holds = (name: string, unitName: string, over: Assigned = {}) =>
  event(PositionAssignedSchema, {
    assignmentId: id(`${name}@${unitName}`),
    employeeId: id(name),
    positionId: id(`pos ${unitName}`),
    unitId: id(unitName),
    leading: false,
    kind: AssignmentKind.DEFINITIF,
    validFrom: '2020-01-01',
    recordedAt: RECORDED,
    positionTitle: 'Pelaksana',
    ...over,
  } as MessageInitShape<typeof PositionAssignedSchema>);

export const leads = (name: string, unitName: string, over: Assigned = {}) =>
  holds(name, unitName, { leading: true, positionTitle: `Kepala ${unitName}`, ...over });

type Granted = { [Name in keyof MessageInitShape<typeof RoleGrantedSchema>]?: unknown };

export const grantId = (subject: string, role: Role): string =>
  id(createHash('sha256').update(`${subject} ${role}`).digest('hex'));

export const grant = (subject: string, role: Role, over: Granted = {}) =>
  event(RoleGrantedSchema, {
    grantId: grantId(subject, role),
    subject,
    role,
    validFrom: '2020-01-01',
    ...over,
  } as MessageInitShape<typeof RoleGrantedSchema>);

/** kota: dinas ⟵ bidang ⟵ seksi, each with its head, two people in the section; and another town, kabupaten. */
export const town = (): ReceivedEvent[] => [
  agency('kota'),
  unit('dinas', 'kota'),
  unit('bidang', 'kota', 'dinas'),
  unit('seksi', 'kota', 'bidang'),
  ...['kadis', 'kabid', 'kasi', 'staf', 'rekan', 'hr kota', 'auditor'].map((name) => employee(name, 'kota')),
  leads('kadis', 'dinas'),
  leads('kabid', 'bidang'),
  leads('kasi', 'seksi'),
  holds('staf', 'seksi'),
  holds('rekan', 'seksi'),
  holds('hr kota', 'dinas'),
  agency('kabupaten', 'Asia/Jayapura'),
  unit('kecamatan', 'kabupaten'),
  employee('hr kab', 'kabupaten'),
  grant(id('hr kota'), Role.HR, { agencyId: id('kota') }),
  grant(id('hr kab'), Role.HR, { agencyId: id('kabupaten') }),
  grant(id('auditor'), Role.AUDITOR, { agencyId: id('kota') }),
];

export const as = (name: string): Viewer => ({ kind: 'EMPLOYEE', subject: name, employeeId: id(name) });

/** A clock at 12:00 of a day in Jakarta. */
export const noon = (day: string) => ({ now: () => new Date(`${day}T05:00:00Z`) });

/** Puts the town, as it is at the beginning, in the place of all that the directory has been told. */
export async function settleAnew(db: DataSource): Promise<void> {
  await db.query(`truncate ${DIRECTORY_TABLES.join(', ')}`);
  await deliver(db, [directorySubscription], town());
}
