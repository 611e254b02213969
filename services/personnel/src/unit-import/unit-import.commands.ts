import type { ServiceContext } from '@merit/chassis/api/context';
import { requireId } from '@merit/chassis/errors';
import { type ImportAnswer, requireRows } from '@merit/chassis/import';
import { demand } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { requireAgency } from '../agency/agency.table.js';
import { publish } from '../publish.js';
import { toMessage } from '../unit/unit.events.js';
import { addUnits, namesOf, UnitTable } from '../unit/unit.table.js';
import { parentsOf } from '../unit/unit-tree.table.js';
import { planUnits, type UnitRow } from './unit-import.js';

export interface ImportUnits {
  readonly agencyId: string;
  readonly rows: readonly UnitRow[];
  readonly validateOnly?: boolean | null;
}

/** ADMIN, or HR of the agency. Ten statements, however many rows. @throws AGENCY_NOT_FOUND, TOO_MANY_ROWS */
export async function importUnits(
  tx: EntityManager,
  context: ServiceContext,
  command: ImportUnits,
): Promise<ImportAnswer> {
  const agencyId = requireId(command.agencyId, 'agencyId');
  requireRows(command.rows);
  await requireAgency(tx, agencyId, context.now(), { lock: true });
  await demand(context, ['ADMIN', 'HR'], { agency: agencyId });
  const known = {
    units: await tx.findBy(UnitTable, { agencyId }),
    names: await namesOf(tx, agencyId),
    parents: await parentsOf(tx, agencyId, '-infinity'),
  };
  const { units, events, unchanged, problems } = planUnits(command.rows, known, { agencyId, newId: context.newId });
  if (problems.length > 0) return { imported: 0, unchanged, problems };
  if (!command.validateOnly && units.length > 0) {
    await addUnits(tx, units);
    await publish(tx, context, events.map(toMessage));
  }
  return { imported: units.length, unchanged, problems };
}
