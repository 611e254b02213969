/** ADMIN, or HR of the agency. All of an agency's changes to its tree queue behind the agency's row. */
import type { ServiceContext } from '@merit/chassis/api/context';
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireId } from '@merit/chassis/errors';
import { addDays, type LocalDate } from '@merit/chassis/local-date';
import { demand } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { requireAgency } from '../agency/agency.table.js';
import { publish } from '../publish.js';
import { requireVersion } from '../version.js';
import { toMessage } from './unit.events.js';
import type { Unit, UnitEvent, UnitKind } from './unit.js';
import * as rule from './unit.js';
import { addUnits, holdersAfter, holdUnits, nameUnits, requireUnit, saveUnit } from './unit.table.js';
import { treeOf } from './unit-tree.js';
import { hangUnits, parentsOf } from './unit-tree.table.js';

export interface RegisterUnit {
  readonly agencyId: string;
  readonly parentId?: string | null;
  readonly code: string;
  readonly name: string;
  readonly kind: UnitKind;
  readonly validFrom: LocalDate;
}
export interface ChangeUnit {
  readonly unitId: string;
  readonly expectedVersion?: number | null;
}
export type RenameUnit = ChangeUnit & { readonly name: string; readonly validFrom: LocalDate };
export type MoveUnit = ChangeUnit & { readonly parentId?: string | null; readonly validFrom: LocalDate };
export type MergeUnit = ChangeUnit & { readonly intoUnitId: string; readonly validFrom: LocalDate };
export type CloseUnit = ChangeUnit & { readonly validTo: LocalDate };

/** @throws AGENCY_NOT_FOUND, UNIT_NOT_FOUND on `parentId`, UNIT_CODE_TAKEN on `code`, and as the rule */
export async function registerUnit(tx: EntityManager, context: ServiceContext, command: RegisterUnit) {
  const agencyId = requireId(command.agencyId, 'agencyId');
  const now = context.now();
  await requireAgency(tx, agencyId, now, { lock: true });
  await demand(context, ['ADMIN', 'HR'], { agency: agencyId });
  const { parentId } = command;
  const parent = parentId == null ? null : await requireUnit(tx, requireId(parentId, 'parentId'), now, 'parentId');
  const { state, events } = rule.registerUnit({ ...command, agencyId, id: context.newId() }, parent);
  if ((await addUnits(tx, [state])) === 0) {
    throw new DomainError('UNIT_CODE_TAKEN', 'A unit of this agency has that code. Use that one.', { field: 'code' });
  }
  await publish(tx, context, events.map(toMessage));
  return { unitId: state.id };
}

export const renameUnit = (tx: EntityManager, context: ServiceContext, command: RenameUnit) =>
  change(tx, context, command, async (unit) => rule.renameUnit(unit, command.name, command.validFrom));

export const moveUnit = (tx: EntityManager, context: ServiceContext, command: MoveUnit) =>
  change(tx, context, command, async (unit) => {
    const { parentId, validFrom } = command;
    const id = parentId == null ? null : requireId(parentId, 'parentId');
    const parent = id === null ? null : await requireUnit(tx, id, context.now(), 'parentId');
    return rule.moveUnit(unit, parent, validFrom, treeOf(await parentsOf(tx, unit.agencyId, validFrom)));
  });

export const mergeUnit = (tx: EntityManager, context: ServiceContext, command: MergeUnit) =>
  change(tx, context, command, async (unit) => {
    const { validFrom } = command;
    const into = await requireUnit(tx, requireId(command.intoUnitId, 'intoUnitId'), context.now(), 'intoUnitId');
    return rule.mergeUnit(unit, into, validFrom, treeOf(await parentsOf(tx, unit.agencyId, validFrom)));
  });

export const closeUnit = (tx: EntityManager, context: ServiceContext, command: CloseUnit) =>
  change(tx, context, command, async (unit) => {
    const { validTo } = command;
    const tree = treeOf(await parentsOf(tx, unit.agencyId, addDays(validTo, 1)));
    return rule.closeUnit(unit, validTo, tree, await holdersAfter(tx, unit.id, validTo));
  });

/** What all changes of a unit have in common. @throws UNIT_NOT_FOUND, CONFLICT, and whatever `decide` throws */
async function change(
  tx: EntityManager,
  context: ServiceContext,
  command: ChangeUnit,
  decide: (unit: Unit) => Promise<Decision<Unit, UnitEvent>>,
) {
  const id = requireId(command.unitId, 'unitId');
  const now = context.now();
  const { agencyId } = await requireUnit(tx, id, now);
  await requireAgency(tx, agencyId, now, { lock: true });
  await demand(context, ['ADMIN', 'HR'], { agency: agencyId });
  await holdUnits(tx, [id], 'ALONE');
  // Read again: what was read before the lock may be what someone else has just changed.
  const unit = await requireUnit(tx, id, now);
  if (command.expectedVersion != null) requireVersion(unit.version, command.expectedVersion);
  const { state, events } = await decide(unit);
  await saveUnit(tx, state);
  await nameUnits(
    tx,
    events.flatMap((event) => (event.type === 'UnitRenamed' ? event.name : [])),
  );
  await hangUnits(
    tx,
    events.flatMap((event) => (event.type === 'UnitMoved' ? event.parent : [])),
  );
  await publish(tx, context, events.map(toMessage));
  return { unitId: id };
}
