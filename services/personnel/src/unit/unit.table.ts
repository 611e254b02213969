import type { ServiceContext } from '@merit/chassis/api/context';
import { type Key, type Page, seek } from '@merit/chassis/api/page';
import { type List, type PageKey, pagesOf } from '@merit/chassis/api/pages';
import { DomainError } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';
import { prepared } from '@merit/chassis/prepared';
import { type DataSource, type EntityManager, EntitySchema } from 'typeorm';
import type { NamedUnit, NameFrom, Unit } from './unit.js';
import { hangUnits } from './unit-tree.table.js';

export const UnitTable = new EntitySchema<Unit>({
  name: 'unit',
  columns: {
    id: { type: 'uuid', primary: true },
    agencyId: { type: 'uuid', name: 'agency_id' },
    code: { type: 'text' },
    kind: { type: 'text' },
    validFrom: { type: 'date', name: 'valid_from' },
    validTo: { type: 'date', name: 'valid_to', nullable: true },
    mergedInto: { type: 'uuid', name: 'merged_into', nullable: true },
    version: { type: 'int' },
  },
});
export const UnitNameTable = new EntitySchema<NameFrom>({
  name: 'unit_name',
  columns: {
    unitId: { type: 'uuid', name: 'unit_id', primary: true },
    validFrom: { type: 'date', name: 'valid_from', primary: true },
    name: { type: 'text' },
  },
});
/** A unit as it is today, in its agency's zone. Before its first day it has the name and parent that it will begin with. */
export interface UnitToday extends NamedUnit {
  readonly today: LocalDate;
}

const COLUMNS = `unit.id, unit.agency_id as "agencyId", unit.code, unit.kind, unit.valid_from as "validFrom",
         unit.valid_to as "validTo", unit.merged_into as "mergedInto", unit.version,
         named.name, hung.parent_id as "parentId", day.today`;
/** $1 is now. */
const FROM = `unit
    join agency on agency.id = unit.agency_id
   cross join lateral (select ($1::timestamptz at time zone agency.time_zone)::date as today) day
   cross join lateral (
     select name from unit_name where unit_id = unit.id and valid_from <= greatest(day.today, unit.valid_from)
      order by valid_from desc limit 1) named
   cross join lateral (
     select parent_id from unit_parent where unit_id = unit.id and valid_from <= greatest(day.today, unit.valid_from)
      order by valid_from desc limit 1) hung`;
const UNIT_TODAY = `select ${COLUMNS} from ${FROM}`;
const BY_CODE: readonly Key[] = [
  { sql: 'unit.code', type: 'text' },
  { sql: 'unit.id', type: 'uuid' },
];

/** Null for those that do not exist. */
export async function unitsById(context: ServiceContext, ids: readonly string[]): Promise<(UnitToday | null)[]> {
  const found = await findUnits(context.db, context.now(), ids);
  return ids.map((id) => found.get(id) ?? null);
}

export async function findUnits(
  db: DataSource | EntityManager,
  now: Date,
  ids: readonly string[],
): Promise<Map<string, UnitToday>> {
  const rows: UnitToday[] = await prepared(db, `${UNIT_TODAY} where unit.id = any($2)`, [now, ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Holds units until the transaction ends: ALONE for who changes one, SHARED for who appoints people in it. So nobody is
 * appointed in a unit while it closes.
 */
export const holdUnits = (tx: EntityManager, ids: readonly string[], how: 'ALONE' | 'SHARED') =>
  tx.query(`select from unit where id = any($1) order by id ${how === 'ALONE' ? 'for no key update' : 'for share'}`, [
    ids,
  ]);

/** @throws UNIT_NOT_FOUND with the input's `field` */
export async function requireUnit(tx: EntityManager, id: string, now: Date, field = 'unitId'): Promise<UnitToday> {
  const unit = (await findUnits(tx, now, [id])).get(id);
  if (!unit) throw new DomainError('UNIT_NOT_FOUND', 'There is no such unit.', { field });
  return unit;
}

export interface UnitFilter {
  readonly agencyId?: string | null | undefined;
  /** Directly under this one. */
  readonly parentId?: string | null | undefined;
  /** Only those at the top of their agency's tree. */
  readonly top?: boolean;
}

/** Those that exist today, or will, by code. */
export function unitPage({ db, now }: ServiceContext, filter: UnitFilter, page: Page): Promise<UnitToday[]> {
  const { where, orderBy, limit, parameters } = seek(page, BY_CODE, { firstParameter: 5 });
  return db.query(
    `${UNIT_TODAY}
      where (unit.valid_to is null or unit.valid_to >= day.today)
        and ($2::uuid is null or unit.agency_id = $2)
        and ($3::uuid is null or hung.parent_id = $3)
        and (not $4::boolean or hung.parent_id is null)
        and ${where} order by ${orderBy} limit ${limit}`,
    [now(), filter.agencyId ?? null, filter.parentId ?? null, filter.top ?? false, ...parameters],
  );
}

/** Pages of those for which a condition on `unit` and `parent` holds, by code. Of the parameters the first is now. */
export const unitsWhere = (condition: string, parameters: readonly unknown[]): List => ({
  columns: COLUMNS,
  from: `${FROM} where ${condition}`,
  keys: BY_CODE,
  parameters,
});

/** A page of what lies directly under each unit, by code: what exists today, or will. */
export const childPages = ({ db, now }: ServiceContext, keys: readonly PageKey[]): Promise<UnitToday[][]> =>
  pagesOf<UnitToday>(
    db,
    keys,
    unitsWhere(
      // Whatever ever hung there first, through the index: where a unit hangs today is worked out for each.
      `unit.id in (select unit_id from unit_parent where parent_id = parent.id)
       and hung.parent_id = parent.id and (unit.valid_to is null or unit.valid_to >= day.today)`,
      [now()],
    ),
  );

/** The name on a day, null before the first. Keys are unit and day. */
export async function namesAt(
  { db }: ServiceContext,
  keys: readonly { unitId: string; at: LocalDate }[],
): Promise<(string | null)[]> {
  const rows: { name: string | null }[] = await prepared(
    db,
    `select (select name from unit_name where unit_id = asked.unit_id and valid_from <= asked.at
              order by valid_from desc limit 1) as name
       from unnest($1::uuid[], $2::date[]) with ordinality as asked (unit_id, at, n) order by n`,
    [keys.map(({ unitId }) => unitId), keys.map(({ at }) => at)],
  );
  return rows.map(({ name }) => name);
}

/** Every name that an agency's units ever had. */
export const namesOf = (tx: EntityManager, agencyId: string): Promise<NameFrom[]> =>
  tx.query(
    `select unit_id as "unitId", name, unit_name.valid_from as "validFrom"
       from unit_name join unit on unit.id = unit_name.unit_id where unit.agency_id = $1`,
    [agencyId],
  );

/** How many people hold a position in the unit after a day. */
export async function holdersAfter(tx: EntityManager, unitId: string, date: LocalDate): Promise<number> {
  const [row]: { holders: number }[] = await tx.query(
    `select count(distinct employee_id)::int as holders
       from assignment join position on position.id = assignment.position_id
      where position.unit_id = $1 and annulled_at is null and (valid_to is null or valid_to > $2)`,
    [unitId, date],
  );
  return row!.holders;
}

/** Adds units with their first names and parents, in three statements; answers how many were new by their code. */
export async function addUnits(tx: EntityManager, units: readonly NamedUnit[]): Promise<number> {
  const column = <K extends keyof NamedUnit>(name: K) => units.map((unit) => unit[name]);
  const added: { id: string }[] = await tx.query(
    `insert into unit (id, agency_id, code, kind, valid_from, version)
     select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::date[], $6::int[])
     on conflict on constraint unit_code do nothing returning id`,
    [column('id'), column('agencyId'), column('code'), column('kind'), column('validFrom'), column('version')],
  );
  const ids = new Set(added.map(({ id }) => id));
  const rows = units.filter(({ id }) => ids.has(id));
  await nameUnits(
    tx,
    rows.map(({ id, name, validFrom }) => ({ unitId: id, name, validFrom })),
  );
  await hangUnits(
    tx,
    rows.map(({ id, parentId, validFrom }) => ({ unitId: id, parentId, validFrom })),
  );
  return rows.length;
}

export const saveUnit = (tx: EntityManager, { id, validTo, mergedInto, version }: Unit): Promise<unknown> =>
  tx.query(
    `update unit set valid_to = $2, merged_into = $3, version = $4,
            ended_recorded_at = case when valid_to is distinct from $2 then clock_timestamp() else ended_recorded_at end
      where id = $1`,
    [id, validTo, mergedInto, version],
  );

/** A name said again for the same day takes the place of what was said before. */
export async function nameUnits(tx: EntityManager, names: readonly NameFrom[]): Promise<void> {
  if (names.length === 0) return;
  await tx.query(
    `insert into unit_name (unit_id, valid_from, name) select * from unnest($1::uuid[], $2::date[], $3::text[])
     on conflict (unit_id, valid_from) do update set name = excluded.name, recorded_at = excluded.recorded_at`,
    [names.map(({ unitId }) => unitId), names.map(({ validFrom }) => validFrom), names.map(({ name }) => name)],
  );
}
