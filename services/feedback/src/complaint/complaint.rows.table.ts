/** A complaint as a row: a union lying down, and standing up again. */
import type { Complaint } from './complaint.js';

/** What was written, and what may be read of it. */
export interface Words {
  readonly text: string | null;
  readonly answer: string | null;
  /** Why it was turned away or opened again. */
  readonly reason: string | null;
  readonly publicText: string | null;
  readonly confidential: boolean;
}

export interface ComplaintRecord extends Words {
  readonly state: Complaint;
  readonly trackingId: string;
  /** Its number in an earlier system. */
  readonly reference: string | null;
  readonly anonymous: boolean;
}

/** Every column of every state: what a union looks like lying down. */
export interface Row extends Words {
  readonly id: string;
  readonly serviceId: string;
  readonly unitId: string;
  readonly agencyId: string;
  readonly status: Complaint['status'];
  readonly receivedAt: Date;
  readonly verifyBy: Date;
  readonly named: readonly string[];
  readonly class: string | null;
  readonly forwardedAt: Date | null;
  readonly runsSince: Date | null;
  readonly usedDays: number | null;
  readonly usedMinutes: number | null;
  readonly dueAt: Date | null;
  readonly deadlinePassed: boolean | null;
  readonly handlerId: string | null;
  readonly resolvedAt: Date | null;
  readonly inTime: boolean | null;
  readonly reopenedAt: Date | null;
  readonly rejectedAt: Date | null;
  readonly trackingId: string;
  readonly reference: string | null;
  readonly anonymous: boolean;
}

/** Columns of the state, by the names that the rules use. */
export const STATE = {
  status: 'text',
  verifyBy: 'timestamptz',
  named: 'uuid[]',
  class: 'text',
  forwardedAt: 'timestamptz',
  runsSince: 'timestamptz',
  usedDays: 'int',
  usedMinutes: 'int',
  dueAt: 'timestamptz',
  deadlinePassed: 'boolean',
  handlerId: 'uuid',
  resolvedAt: 'timestamptz',
  inTime: 'boolean',
  reopenedAt: 'timestamptz',
  rejectedAt: 'timestamptz',
} as const;
/** What is written once, with the complaint. */
export const BIRTH = {
  id: 'uuid',
  trackingId: 'text',
  reference: 'text',
  serviceId: 'uuid',
  unitId: 'uuid',
  agencyId: 'uuid',
  receivedAt: 'timestamptz',
  text: 'text',
  confidential: 'boolean',
} as const;

/** `usedDays` → `used_days`. */
export const columnOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** The names as they stand in JSON: `"id", "usedDays"`. */
export const quoted = (names: object): string =>
  Object.keys(names)
    .map((name) => `"${name}"`)
    .join(', ');
/** The same with their types, for a record set. */
export const typed = (names: object): string =>
  Object.entries(names)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(', ');
/** The names as they stand in the table. */
export const columns = (names: object): string => Object.keys(names).map(columnOf).join(', ');

export const SELECT = `${Object.keys({ ...BIRTH, ...STATE })
  .map((name) => `c.${columnOf(name)} as "${name}"`)
  .join(', ')}, c.answer, c.reason, c.public_text as "publicText",
  not exists (select 1 from complaint_reporter r where r.complaint_id = c.id) as anonymous`;

/** The state as a row; what a state lacks is null in it. */
export function rowOf(complaint: Complaint): object {
  const { clock, ...rest } = { clock: undefined, ...complaint };
  return { ...rest, ...clock };
}

/** A row as a state, with its words. */
export function recordOf(row: Row): ComplaintRecord {
  const { text, answer, reason, publicText, confidential, trackingId, reference, anonymous, ...state } = row;
  const { runsSince, usedDays, usedMinutes, dueAt, ...rest } = state;
  const present = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  const clock = dueAt === null ? {} : { clock: { runsSince, usedDays, usedMinutes, dueAt } };
  // The table's check makes each row one of the union.
  const complaint = { ...present, ...clock } as unknown as Complaint;
  return { state: complaint, trackingId, reference, text, answer, reason, publicText, confidential, anonymous };
}
