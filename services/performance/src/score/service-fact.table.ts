/** The store of what is known of public services. */
import type { EntityManager } from 'typeorm';
import type { ComplaintFact, SatisfactionFact, ServiceFacts } from './facts.js';

type Common = 'eventId' | 'unitId' | 'occurredAt';

export type StoredServiceFact = {
  /** The event's id. */
  readonly id: string;
  readonly serviceId: string;
  readonly unitId: string;
  /** The measurement, the complaint. */
  readonly recordId: string;
  readonly sequence: number;
  /** The times between which lies whatever decides in which year it counts. */
  readonly earliest: Date;
  readonly latest: Date;
  readonly occurredAt: Date;
} & (
  | { readonly kind: 'SATISFACTION'; readonly data: Omit<SatisfactionFact, Common | 'measurementId'> }
  | { readonly kind: 'COMPLAINT'; readonly data: Omit<ComplaintFact, Common | 'complaintId' | 'sequence' | 'at'> }
);

/** Writes facts; one that is there already stays. One statement. */
export async function insertServiceFacts(tx: EntityManager, facts: readonly StoredServiceFact[]): Promise<void> {
  await tx.query(
    `insert into service_fact (id, service_id, unit_id, kind, record_id, sequence, earliest, latest, occurred_at, data)
     select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::int[], $7::timestamptz[],
                          $8::timestamptz[], $9::timestamptz[], $10::jsonb[])
     on conflict (id) do nothing`,
    [
      facts.map((fact) => fact.id),
      facts.map((fact) => fact.serviceId),
      facts.map((fact) => fact.unitId),
      facts.map((fact) => fact.kind),
      facts.map((fact) => fact.recordId),
      facts.map((fact) => fact.sequence),
      facts.map((fact) => fact.earliest),
      facts.map((fact) => fact.latest),
      facts.map((fact) => fact.occurredAt),
      facts.map((fact) => JSON.stringify(fact.data)),
    ],
  );
}

/**
 * The years in which these records may count, by all that is known of them. A day either side, for a moment's year is
 * that of some zone.
 */
export const yearsOfRecords = (
  tx: EntityManager,
  recordIds: readonly string[],
): Promise<{ serviceId: string; year: number }[]> =>
  tx.query(
    `select distinct service_id as "serviceId", y.year::int as year
       from service_fact f
      cross join lateral generate_series(extract(year from f.earliest at time zone 'UTC' - interval '1 day'),
                                         extract(year from f.latest at time zone 'UTC' + interval '1 day')) as y (year)
      where f.record_id = any($1)`,
    [recordIds],
  );

/** What was measured of these services: the measurements' ids. */
export async function recordsOf(tx: EntityManager, serviceIds: readonly string[]): Promise<string[]> {
  const rows: { id: string }[] = await tx.query(
    `select record_id as id from service_fact where service_id = any($1) and kind = 'SATISFACTION'`,
    [serviceIds],
  );
  return rows.map(({ id }) => id);
}

/** Removes everything that is known of these measurements and complaints. */
export const removeRecords = (tx: EntityManager, recordIds: readonly string[]): Promise<unknown> =>
  tx.query('delete from service_fact where record_id = any($1)', [recordIds]);

/** A service and one fact of it; without a fact when none is known yet. */
type Row = { readonly serviceId: string; readonly catalogueUnitId: string | null } & (
  | Pick<Extract<StoredServiceFact, { kind: 'SATISFACTION' }>, Read>
  | Pick<Extract<StoredServiceFact, { kind: 'COMPLAINT' }>, Read>
  | { readonly id: null }
);
type Read = 'id' | 'unitId' | 'kind' | 'recordId' | 'sequence' | 'occurredAt' | 'data';

/**
 * What is known of the services that were named, and of all that these units give or gave, between two years. Of a
 * complaint every step is read when one of them lies there.
 */
export async function serviceFacts(
  tx: EntityManager,
  known: { readonly serviceIds: readonly string[]; readonly unitIds: readonly string[] },
  years: { readonly from: number; readonly to: number },
): Promise<ServiceFacts[]> {
  if (known.serviceIds.length === 0 && known.unitIds.length === 0) return [];
  const rows: Row[] = await tx.query(
    // Service by service and record by record through the indexes: a join may read the whole table.
    `with concerned as (
       select unnest($1::uuid[]) as id
       union
       select id from public_service where unit_id = any($2)
       union
       select service_id from service_fact where unit_id = any($2)
     ), record as (
       select distinct f.record_id from concerned c
        cross join lateral (select record_id from service_fact
                             where service_id = c.id and latest >= $3 and earliest < $4 offset 0) f
     ), fact as (
       select f.* from record r
        cross join lateral (select * from service_fact where record_id = r.record_id offset 0) f
     )
     select c.id as "serviceId", s.unit_id as "catalogueUnitId", f.id, f.unit_id as "unitId", f.kind,
            f.record_id as "recordId", f.sequence, f.occurred_at as "occurredAt", f.data
       from concerned c
       left join public_service s on s.id = c.id
       left join fact f on f.service_id = c.id`,
    [known.serviceIds, known.unitIds, newYear(years.from, -1), newYear(years.to + 1, 1)],
  );
  const services = new Map<string, Mutable>();
  for (const row of rows) {
    const service = services.get(row.serviceId) ?? begin(row);
    services.set(row.serviceId, service);
    add(service, row);
  }
  return [...services.values()];
}

/** The beginning of a year, and so many days beside: a moment's year is that of some zone. */
const newYear = (year: number, days: number): Date => new Date(Date.UTC(year, 0, 1 + days));

interface Mutable extends ServiceFacts {
  readonly satisfaction: SatisfactionFact[];
  readonly complaints: ComplaintFact[];
}

const begin = ({ serviceId, catalogueUnitId }: Row): Mutable => ({
  serviceId,
  unitId: catalogueUnitId,
  satisfaction: [],
  complaints: [],
});

function add(service: Mutable, row: Row): void {
  if (row.id === null) return;
  const { id: eventId, unitId, recordId, sequence, occurredAt } = row;
  if (row.kind === 'SATISFACTION') {
    service.satisfaction.push({ eventId, unitId, measurementId: recordId, occurredAt, ...row.data });
  } else {
    // JSON writes a moment as text.
    const dueAt = row.data.dueAt === null ? null : new Date(row.data.dueAt);
    service.complaints.push({ eventId, unitId, complaintId: recordId, sequence, at: occurredAt, ...row.data, dueAt });
  }
}

/** Every year of which there is a period. */
export async function periodYears(tx: EntityManager): Promise<number[]> {
  const rows: { year: number }[] = await tx.query('select distinct year from performance_period');
  return rows.map(({ year }) => year);
}
