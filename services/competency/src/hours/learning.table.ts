/** What is read of ledgers. */

import type { ServiceContext } from '@merit/chassis/api/context';
import { type PageKey, pagesOf } from '@merit/chassis/api/pages';
import { prepared } from '@merit/chassis/prepared';
import { Decimal } from 'decimal.js';
import type { Reason } from './amount.js';
import { entitlementOf, monthsOfService, type Standing, standing } from './entitlement.js';
import type { Person } from './ledger.js';
import { hourRules } from './rules.table.js';

export interface LearningKey {
  readonly employeeId: string;
  readonly year: number;
}

export interface Learning extends Standing {
  readonly employeeId: string;
  readonly year: number;
  /** Null for a year without a ledger: nothing is recorded, and nothing has fallen due yet. */
  readonly ledgerId: string | null;
  readonly hours: Decimal;
  readonly recorded: Decimal;
}

type Row = LearningKey &
  Pick<Person, 'kind' | 'serviceFrom' | 'leftOn'> & {
    ledgerId: string | null;
    counted: string | null;
    recorded: string | null;
  };

/** Employee and year → what was learnt, or null for who is not known here. */
export async function learningOf({ db }: ServiceContext, keys: readonly LearningKey[]): Promise<(Learning | null)[]> {
  const rows: Row[] = await prepared(
    db,
    `select p.id as "employeeId", k.year, p.kind, p.service_from as "serviceFrom", p.left_on as "leftOn",
            l.id as "ledgerId", l.counted, l.recorded
       from unnest($1::uuid[], $2::int[]) as k (employee_id, year)
       join directory_employee p on p.id = k.employee_id
       left join ledger l on l.employee_id = k.employee_id and l.year = k.year`,
    [keys.map(({ employeeId }) => employeeId), keys.map(({ year }) => year)],
  );
  const { entitlements } = await hourRules(db);
  const found = new Map(
    rows.map((row) => {
      const hours = new Decimal(row.counted ?? 0);
      const fullYear = entitlementOf(entitlements, row.kind, row.year);
      const due = standing(fullYear, monthsOfService(row.serviceFrom, row.leftOn, row.year), hours);
      const { employeeId, year, ledgerId, recorded } = row;
      return [keyOf(row), { employeeId, year, ledgerId, hours, recorded: new Decimal(recorded ?? 0), ...due }] as const;
    }),
  );
  return keys.map((key) => found.get(keyOf(key)) ?? null);
}

const keyOf = ({ employeeId, year }: LearningKey) => `${employeeId} ${year}`;

export interface RecordRow {
  readonly id: string;
  readonly courseId: string;
  readonly hours: string;
  readonly counted: string;
  readonly reason: Reason | null;
  readonly startsOn: string;
  readonly endsOn: string;
  readonly completedAt: Date;
  readonly certificateNumber: string;
  readonly status: string;
}

/** A page of each ledger's records, by first day. */
export const recordPages = ({ db }: ServiceContext, keys: readonly PageKey[]): Promise<RecordRow[][]> =>
  pagesOf<RecordRow>(db, keys, {
    columns: `e.id, e.course_id as "courseId", r.hours, r.counted, r.reason, e.starts_on as "startsOn", e.ends_on as "endsOn",
      e.completed_at as "completedAt", e.certificate_number as "certificateNumber", e.status`,
    from: 'ledger_record r join enrolment e on e.id = r.enrolment_id where r.ledger_id = parent.id',
    keys: [
      { sql: 'r.starts_on', type: 'date' },
      { sql: 'r.enrolment_id', type: 'uuid' },
    ],
  });
