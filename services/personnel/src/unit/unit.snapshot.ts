import { addDays } from '@merit/chassis/local-date';
import type { AggregatePart, SnapshotSource } from '@merit/chassis/out/snapshot';
import { grouped, part } from '../part.js';
import { toMessage } from './unit.events.js';
import type { NameFrom, Unit } from './unit.js';
import type { ParentFrom } from './unit-tree.js';

interface Recorded {
  readonly recordedAt: Date;
}
type UnitRow = Unit & Recorded & { readonly endedRecordedAt: Date | null };
type Name = NameFrom & Recorded;
type Parent = ParentFrom & Recorded;

export const unitSnapshots: SnapshotSource = {
  aggregateType: 'unit',
  read: async (tx, after, limit) => {
    const units: UnitRow[] = await tx.query(
      `select id, agency_id as "agencyId", code, kind, valid_from as "validFrom", valid_to as "validTo",
              merged_into as "mergedInto", version, recorded_at as "recordedAt", ended_recorded_at as "endedRecordedAt"
         from unit where $1::uuid is null or id > $1 order by id limit $2`,
      [after, limit],
    );
    const ids = [units.map(({ id }) => id)];
    const names: Name[] = await tx.query(
      `select unit_id as "unitId", name, valid_from as "validFrom", recorded_at as "recordedAt"
         from unit_name where unit_id = any($1) order by recorded_at, valid_from`,
      ids,
    );
    const parents: Parent[] = await tx.query(
      `select unit_id as "unitId", parent_id as "parentId", valid_from as "validFrom", recorded_at as "recordedAt"
         from unit_parent where unit_id = any($1) order by recorded_at, valid_from`,
      ids,
    );
    const namesOf = grouped(names, ({ unitId }) => unitId);
    const parentsOf = grouped(parents, ({ unitId }) => unitId);
    return units.map((unit) => ({
      id: unit.id,
      key: unit.id,
      agencyId: unit.agencyId,
      parts: partsOf(unit, namesOf(unit.id), parentsOf(unit.id)),
    }));
  },
};

/** Names in the order in which they were given, for readers know the one that was given last. */
function partsOf(unit: UnitRow, names: readonly Name[], parents: readonly Parent[]): AggregatePart[] {
  const isFirst = ({ validFrom }: { validFrom: string }) => validFrom === unit.validFrom;
  const { name } = names.find(isFirst)!;
  const { parentId } = parents.find(isFirst)!;
  const renamed = names.filter((given, n) => n > 0 || !isFirst(given));
  return [
    part(toMessage({ type: 'UnitRegistered', unit, name, parentId }), 'registered', unit.recordedAt),
    ...renamed.map((given) =>
      part(
        toMessage({ type: 'UnitRenamed', unit, name: given }),
        `renamed/${given.validFrom}/${given.recordedAt.getTime()}`,
        given.recordedAt,
      ),
    ),
    ...parents
      .filter((parent) => !isFirst(parent))
      .map((parent) =>
        part(
          toMessage({ type: 'UnitMoved', unit, parent }),
          `moved/${parent.validFrom}/${parent.recordedAt.getTime()}`,
          parent.recordedAt,
        ),
      ),
    ...endOf(unit),
  ];
}

function endOf(unit: UnitRow): AggregatePart[] {
  const { validTo, mergedInto, endedRecordedAt } = unit;
  if (validTo === null || endedRecordedAt === null) return [];
  const ended =
    mergedInto === null
      ? toMessage({ type: 'UnitClosed', unit, validTo })
      : toMessage({ type: 'UnitMerged', unit, intoUnitId: mergedInto, validFrom: addDays(validTo, 1) });
  return [part(ended, `ended/${validTo}/${endedRecordedAt.getTime()}`, endedRecordedAt)];
}
