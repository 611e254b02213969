import type { ServiceContext } from '@merit/chassis/api/context';
import type { LocalDate } from '@merit/chassis/local-date';
import { prepared } from '@merit/chassis/prepared';
import { type EntityManager, EntitySchema } from 'typeorm';
import type { ParentFrom } from './unit-tree.js';

export const UnitParentTable = new EntitySchema<ParentFrom>({
  name: 'unit_parent',
  columns: {
    unitId: { type: 'uuid', name: 'unit_id', primary: true },
    validFrom: { type: 'date', name: 'valid_from', primary: true },
    parentId: { type: 'uuid', name: 'parent_id', nullable: true },
  },
});

/** Everything that an agency's units ever hung under; of those that have not ended before a day. */
export function parentsOf(tx: EntityManager, agencyId: string, from: LocalDate | '-infinity'): Promise<ParentFrom[]> {
  return tx.query(
    `select unit_id as "unitId", parent_id as "parentId", unit_parent.valid_from as "validFrom"
       from unit_parent join unit on unit.id = unit_parent.unit_id
      where unit.agency_id = $1 and (unit.valid_to is null or unit.valid_to >= $2)`,
    [agencyId, from],
  );
}

/** A parent said again for the same day takes the place of the one said before. */
export async function hangUnits(tx: EntityManager, parents: readonly ParentFrom[]): Promise<void> {
  if (parents.length === 0) return;
  await tx.query(
    `insert into unit_parent (unit_id, valid_from, parent_id) select * from unnest($1::uuid[], $2::date[], $3::uuid[])
     on conflict (unit_id, valid_from) do update set parent_id = excluded.parent_id, recorded_at = excluded.recorded_at`,
    [
      parents.map(({ unitId }) => unitId),
      parents.map(({ validFrom }) => validFrom),
      parents.map(({ parentId }) => parentId),
    ],
  );
}

/** The units above each one today, the nearest first. */
export async function ancestorsOf(context: ServiceContext, ids: readonly string[]): Promise<string[][]> {
  const rows: { root: string; above: string[] }[] = await prepared(
    context.db, // `cycle` ends the walk should the data ever hold one; the rules see to it that it does not.
    `with recursive walk (root, unit_id, depth) as (
       select id, id, 0 from unit where id = any($2)
       union all
       select walk.root, hung.parent_id, walk.depth + 1
         from walk
         join unit on unit.id = walk.unit_id
         join agency on agency.id = unit.agency_id
        cross join lateral (
          select parent_id from unit_parent
           where unit_id = unit.id
             and valid_from <= greatest(($1::timestamptz at time zone agency.time_zone)::date, unit.valid_from)
           order by valid_from desc limit 1) hung
        where hung.parent_id is not null
     ) cycle unit_id set looped using path
     select root, array_agg(unit_id order by depth) as above from walk where depth > 0 and not looped group by root`,
    [context.now(), ids],
  );
  const byRoot = new Map(rows.map(({ root, above }) => [root, above]));
  return ids.map((id) => byRoot.get(id) ?? []);
}
