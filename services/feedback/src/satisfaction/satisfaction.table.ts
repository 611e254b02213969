/** Measurements as they lie in the database, and what they are made from. */
import type { ServiceContext } from '@merit/chassis/api/context';
import type { DataSource, EntityManager } from 'typeorm';
import { DEFAULT_ZONE } from '../service/service.table.js';
import type { Measurement, Month, ServiceYear } from './measurement.js';
import { ELEMENTS, type Element, perElement, type Tally } from './satisfaction.js';

type Reader = DataSource | EntityManager;

/** A service and year that lacks a measurement. */
export interface Due {
  readonly serviceId: string;
  readonly unitId: string;
  readonly agencyId: string;
  readonly year: number;
  /** The last month that has passed for its agency. */
  readonly lastMonth: Month;
}

const columnOf = (element: Element): string => element.toLowerCase();

/**
 * The services and years, so many at most, of which a month has passed that was not looked at, or whose figures have
 * changed since. Their services' rows are locked, so that of two processes that measure at once the second passes over
 * what the first has; answers, which only refer to a service, go on.
 */
export async function takeDue(tx: EntityManager, now: Date, most: number): Promise<Due[]> {
  return tx.query(
    `with place as (
       select s.id, s.unit_id, s.agency_id,
              to_char(($1::timestamptz at time zone coalesce(a.time_zone, $2)) - interval '1 month', 'YYYY-MM') as last_month
         from public_service s left join directory_agency a on a.id = s.agency_id
     ), due as (
       select d.service_id, left(d.month, 4)::int as year
         from survey_due d join place p on p.id = d.service_id
        where d.month <= p.last_month
       union
       select m.service_id, m.year
         from satisfaction_measurement m join place p on p.id = m.service_id
        where m.in_force and coalesce(m.looked_to, to_char(m.window_to, 'YYYY-MM')) < least(p.last_month, m.year || '-12')
     )
     select due.service_id as "serviceId", p.unit_id as "unitId", p.agency_id as "agencyId", due.year,
            p.last_month as "lastMonth"
       from due join place p on p.id = due.service_id join public_service s on s.id = due.service_id
      order by due.service_id, due.year limit $3
        for no key update of s skip locked`,
    [now, DEFAULT_ZONE, most],
  );
}

/**
 * Takes the marks of months that have passed away. It waits for those who hold them: they are adding answers, which the
 * reads after this then see.
 */
export async function clearDue(tx: EntityManager, due: readonly Due[]): Promise<void> {
  await tx.query(
    `delete from survey_due d using unnest($1::uuid[], $2::text[], $3::text[]) as k (id, first, last)
      where d.service_id = k.id and d.month between k.first and k.last`,
    [ids(due), due.map(({ year }) => `${year}-01`), due.map(({ year, lastMonth }) => earlier(lastMonth, `${year}-12`))],
  );
}

const ids = (due: readonly Due[]): string[] => due.map(({ serviceId }) => serviceId);
const years = (due: readonly Due[]): number[] => due.map(({ year }) => year);
const earlier = (a: string, b: string): string => (a < b ? a : b);

/** All that is known of these services and years. Three statements, however many. */
export async function readYears(tx: EntityManager, due: readonly Due[]): Promise<ServiceYear[]> {
  const answered = await readAnswered(tx, due);
  const served = await readServed(tx, due);
  const measured = await readMeasured(tx, due);
  return due.map(({ serviceId, unitId, year }) => {
    const own = <T extends Owned>(rows: readonly T[]) =>
      rows.filter((row) => row.serviceId === serviceId && row.year === year);
    return {
      serviceId,
      unitId,
      year,
      answered: new Map(own(answered).map(({ month, ...tally }) => [month, tallyOf(tally)])),
      served: new Map(own(served).map(({ month, people }) => [month, people])),
      measured: own(measured).map(measurementOf),
    };
  });
}

interface Owned {
  readonly serviceId: string;
  readonly year: number;
}
type Sums = Readonly<Record<Element, number>>;
type TallyRow = Sums & { readonly respondents: number };

const tallyOf = (row: TallyRow): Tally => ({
  respondents: row.respondents,
  sums: perElement((element) => row[element]),
});

const readAnswered = (tx: EntityManager, due: readonly Due[]): Promise<(Owned & TallyRow & { month: Month })[]> =>
  tx.query(
    `select k.id as "serviceId", k.year, to_char(r.answered_on, 'YYYY-MM') as month, count(*)::int as respondents,
            ${ELEMENTS.map((element) => `sum(r.${columnOf(element)})::int as "${element}"`).join(', ')}
       from unnest($1::uuid[], $2::int[]) as k (id, year)
       join survey_response r on r.service_id = k.id and r.counted
        and r.answered_on between make_date(k.year, 1, 1) and make_date(k.year, 12, 31)
      group by k.id, k.year, month`,
    [ids(due), years(due)],
  );

const readServed = (tx: EntityManager, due: readonly Due[]): Promise<(Owned & { month: Month; people: number })[]> =>
  tx.query(
    `select k.id as "serviceId", k.year, p.month, p.people
       from unnest($1::uuid[], $2::int[]) as k (id, year)
       join people_served p on p.service_id = k.id and left(p.month, 4)::int = k.year`,
    [ids(due), years(due)],
  );

type MeasurementRow = Omit<Measurement, 'sums'> & Sums;

const MEASUREMENT = `m.id, m.service_id as "serviceId", m.unit_id as "unitId", m.year, m.window_to as "windowTo",
  m.respondents, m.population, m.supersedes_id as "supersedesId", m.measured_at as "measuredAt",
  ${ELEMENTS.map((element) => `m.${columnOf(element)}::float8 as "${element}"`).join(', ')}`;

const measurementOf = (row: MeasurementRow): Measurement => {
  const { id, serviceId, unitId, year, windowTo, population, supersedesId, measuredAt } = row;
  return { id, serviceId, unitId, year, windowTo, population, supersedesId, measuredAt, ...tallyOf(row) };
};

const readMeasured = (tx: EntityManager, due: readonly Due[]): Promise<MeasurementRow[]> =>
  tx.query(
    `select ${MEASUREMENT} from unnest($1::uuid[], $2::int[]) as k (id, year)
       join satisfaction_measurement m on m.service_id = k.id and m.year = k.year
      order by m.n`,
    [ids(due), years(due)],
  );

/** Writes new measurements; of each service and year the last one given is then in force. Two statements. */
export async function insertMeasurements(tx: EntityManager, made: readonly Measurement[]): Promise<void> {
  const rows = made.map(({ sums, ...measurement }, i) => {
    const isLast = !made
      .slice(i + 1)
      .some((later) => later.serviceId === measurement.serviceId && later.year === measurement.year);
    return { ...measurement, ...sums, inForce: isLast };
  });
  await tx.query(
    `update satisfaction_measurement m set in_force = false
       from unnest($1::uuid[], $2::int[]) as k (id, year)
      where m.service_id = k.id and m.year = k.year and m.in_force`,
    [made.map(({ serviceId }) => serviceId), made.map(({ year }) => year)],
  );
  await tx.query(
    `insert into satisfaction_measurement
       (id, service_id, unit_id, year, window_to, respondents, population, supersedes_id, in_force, measured_at,
        ${ELEMENTS.map(columnOf).join(', ')})
     select id, "serviceId", "unitId", year, "windowTo", respondents, population, "supersedesId", "inForce", "measuredAt",
            ${ELEMENTS.map((element) => `"${element}"`).join(', ')}
       from rows from (jsonb_to_recordset($1::jsonb)
         as (id uuid, "serviceId" uuid, "unitId" uuid, year int, "windowTo" date, respondents int, population int,
             "supersedesId" uuid, "inForce" boolean, "measuredAt" timestamptz,
             ${ELEMENTS.map((element) => `"${element}" bigint`).join(', ')})) with ordinality as r
      order by ordinality`,
    [JSON.stringify(rows)],
  );
}

/** Until which month these were looked at: one that adds too few people is not measured, and is not due any more. */
export async function noteLook(tx: EntityManager, due: readonly Due[]): Promise<void> {
  await tx.query(
    `update satisfaction_measurement m set looked_to = k.last
       from unnest($1::uuid[], $2::int[], $3::text[]) as k (id, year, last)
      where m.service_id = k.id and m.year = k.year and m.in_force and m.looked_to is distinct from k.last`,
    [ids(due), years(due), due.map(({ year, lastMonth }) => earlier(lastMonth, `${year}-12`))],
  );
}

export interface UnitYear {
  readonly unitId: string;
  readonly year: number;
}

/** For `load`: what holds of the services of units in a year, each unit's in no order. One statement. */
export async function inForceOfUnits({ db }: ServiceContext, keys: readonly UnitYear[]): Promise<Measurement[][]> {
  const rows = await readInForce(db, keys);
  return keys.map(({ unitId, year }) => rows.filter((row) => row.unitId === unitId && row.year === year));
}

async function readInForce(tx: Reader, keys: readonly UnitYear[]): Promise<Measurement[]> {
  const rows: MeasurementRow[] = await tx.query(
    `select ${MEASUREMENT} from unnest($1::uuid[], $2::int[]) as k (id, year)
       join satisfaction_measurement m on m.unit_id = k.id and m.year = k.year and m.in_force`,
    [keys.map(({ unitId }) => unitId), keys.map(({ year }) => year)],
  );
  return rows.map(measurementOf);
}
