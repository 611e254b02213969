/** Reads on complaints: a unit's list, and how a unit's complaints went. */

import type { ServiceContext } from '@merit/chassis/api/context';
import { type Connection, connection, type Page, seek } from '@merit/chassis/api/page';
import { prepared } from '@merit/chassis/prepared';
import type { UnitYear } from '../satisfaction/satisfaction.table.js';
import { DEFAULT_ZONE } from '../service/service.table.js';
import type { Complaint } from './complaint.js';
import { type ComplaintRecord, recordOf, SELECT } from './complaint.rows.table.js';
import type { Officer } from './officer.js';

export interface ListAsked {
  readonly unitId: string;
  readonly status: readonly Complaint['status'][] | null;
  readonly page: Page;
}

/** A unit's complaints, latest first, as far as this officer may know of them (`maySeeHandling`, in SQL before paging). */
export async function complaintsOfUnit(
  { db }: ServiceContext,
  { unitId, status, page }: ListAsked,
  { employeeId, inside }: Officer,
): Promise<Connection<ComplaintRecord>> {
  const { where, orderBy, limit, parameters } = seek(
    page,
    [
      { sql: 'c.received_at', type: 'timestamptz' },
      { sql: 'c.id', type: 'uuid' },
    ],
    { descending: true, firstParameter: 5 },
  );
  const rows = await db.query(
    `select ${SELECT} from complaint c
      where c.unit_id = $1 and ($2::text[] is null or c.status = any($2))
        and ($3::uuid is null or not $3 = any(c.named)) and (not $4 or c.status not in ('RECEIVED', 'REJECTED'))
        and ${where} order by ${orderBy} limit ${limit}`,
    [unitId, status, employeeId, inside, ...parameters],
  );
  return connection<ComplaintRecord>(rows.map(recordOf), page, ({ state }) => [state.receivedAt, state.id]);
}

export interface Counts {
  readonly received: number;
  readonly open: number;
  readonly resolved: number;
  readonly rejected: number;
  readonly inTime: number;
  readonly overdue: number;
  readonly medianWorkingMinutes: number | null;
}

/** For `load`: how the complaints went that units received in a year, by their agencies' days. One statement. */
export async function complaintCounts({ db, now }: ServiceContext, keys: readonly UnitYear[]): Promise<Counts[]> {
  return prepared(
    db,
    `select count(c.id)::int as received,
            count(c.id) filter (where c.status in ('RECEIVED', 'FORWARDED', 'REOPENED'))::int as open,
            count(c.id) filter (where c.status = 'RESOLVED')::int as resolved,
            count(c.id) filter (where c.status = 'REJECTED')::int as rejected,
            count(c.id) filter (where c.status = 'RESOLVED' and c.in_time)::int as "inTime",
            count(c.id) filter (where c.status in ('FORWARDED', 'REOPENED') and c.due_at < $3)::int as overdue,
            percentile_disc(0.5) within group (order by c.used_minutes) filter (where c.status = 'RESOLVED')
              as "medianWorkingMinutes"
       from unnest($1::uuid[], $2::int[]) with ordinality as k (unit_id, year, n)
       left join directory_unit u on u.id = k.unit_id
       left join directory_agency a on a.id = u.agency_id
       left join complaint c on c.unit_id = k.unit_id
        and c.received_at >= make_timestamptz(k.year, 1, 1, 0, 0, 0, coalesce(a.time_zone, $4))
        and c.received_at < make_timestamptz(k.year + 1, 1, 1, 0, 0, 0, coalesce(a.time_zone, $4))
      group by k.n order by k.n`,
    [keys.map(({ unitId }) => unitId), keys.map(({ year }) => year), now(), DEFAULT_ZONE],
  );
}
