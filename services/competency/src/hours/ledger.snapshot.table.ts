/** Ledgers as they were last published. */
import { Decimal } from 'decimal.js';
import type { EntityManager } from 'typeorm';
import { v5 } from 'uuid';
import type { SaidLedger } from './ledger.events.js';

interface Row extends Pick<SaidLedger, 'id' | 'year' | 'counted' | 'countedAt'> {
  readonly employeeId: string;
  readonly agencyId: string | null;
  readonly version: string;
  readonly entitlement: string;
  readonly eventId: string | null;
  readonly records: readonly RecordRow[];
}
type Record = SaidLedger['records'][number];
type RecordRow = Pick<Record, 'hours' | 'counted' | 'reason'> &
  Omit<Record['record'], 'completedAt'> & { readonly completedAt: string };

/** The ledgers whose ids come after one, in their order, at most so many. One statement. */
export async function ledgersAfter(tx: EntityManager, after: string | null, limit: number): Promise<SaidLedger[]> {
  const rows: Row[] = await tx.query(
    `select l.id, l.employee_id as "employeeId", m.agency_id as "agencyId", l.year, l.version, l.event_id as "eventId",
            coalesce(l.counted_at, 'epoch') as "countedAt", trim_scale(l.counted) as counted, trim_scale(l.entitlement) as entitlement,
            coalesce(r.records, '[]') as records
       from (select * from ledger where $1::uuid is null or id > $1 order by id limit $2) l
       left join lateral (
         select agency_id from directory_employment where employee_id = l.employee_id order by valid_from desc limit 1
       ) m on true
       left join lateral (
         select json_agg(json_build_object(
                  'id', r.enrolment_id, 'eventId', r.event_id, 'hours', trim_scale(r.hours)::text,
                  'counted', trim_scale(r.counted)::text, 'reason', r.reason, 'completedAt', e.completed_at,
                  'eventType', case when h.event_id is null then 'TrainingCompleted' else 'TrainingCorrected' end
                ) order by greatest(r.starts_on, make_date(l.year, 1, 1)), r.enrolment_id) as records
           from ledger_record r join enrolment e on e.id = r.enrolment_id
           left join enrolment_change h on h.event_id = r.event_id
          where r.ledger_id = l.id
       ) r on true
      order by l.id`,
    [after, limit],
  );
  return rows.map(toldOf);
}

function toldOf({ employeeId, agencyId, entitlement, version, eventId, records, ...row }: Row): SaidLedger {
  return {
    ...row,
    version: Number(version),
    entitlement: new Decimal(entitlement),
    eventId: eventId ?? v5(version, row.id),
    person: { employeeId, agencyId },
    records: records.map(({ hours, counted, reason, completedAt, ...record }) => ({
      record: { ...record, completedAt: new Date(completedAt) },
      hours,
      counted,
      reason,
    })),
  };
}
