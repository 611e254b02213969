/**
 * A unit (perangkat daerah, unit kerja) and what happens to it: it is set up, renamed, moved, merged, closed.
 * Nothing is overwritten: names and parents are kept with the day from which they hold.
 */
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireText } from '@merit/chassis/errors';
import { addDays, type LocalDate } from '@merit/chassis/local-date';
import type { Interval } from '../interval.js';
import { childrenFrom, hang, type ParentFrom, type UnitTree } from './unit-tree.js';

/** What a unit is, and whether its head's name is public: heads of perangkat daerah, kecamatan and UPTD only. */
export const UNIT_KINDS = {
  PERANGKAT_DAERAH: { headIsPublic: true },
  KECAMATAN: { headIsPublic: true },
  UPTD: { headIsPublic: true },
  KELURAHAN: { headIsPublic: false },
  SEKRETARIAT: { headIsPublic: false },
  BAGIAN: { headIsPublic: false },
  BIDANG: { headIsPublic: false },
  SUBBAGIAN: { headIsPublic: false },
  SUBBIDANG: { headIsPublic: false },
  SEKSI: { headIsPublic: false },
  LAINNYA: { headIsPublic: false },
} as const satisfies Record<string, { headIsPublic: boolean }>;
export type UnitKind = keyof typeof UNIT_KINDS;

export interface Unit extends Interval {
  readonly id: string;
  readonly agencyId: string;
  /** The agency's own code: unique within it, and by it an import knows the unit again. */
  readonly code: string;
  readonly kind: UnitKind;
  readonly mergedInto: string | null;
  readonly version: number;
}
export interface NameFrom {
  readonly unitId: string;
  readonly name: string;
  readonly validFrom: LocalDate;
}

export type UnitEvent =
  | { readonly type: 'UnitRegistered'; readonly unit: Unit; readonly name: string; readonly parentId: string | null }
  | { readonly type: 'UnitRenamed'; readonly unit: Unit; readonly name: NameFrom }
  | { readonly type: 'UnitMoved'; readonly unit: Pick<Unit, 'id' | 'agencyId'>; readonly parent: ParentFrom }
  | { readonly type: 'UnitMerged'; readonly unit: Unit; readonly intoUnitId: string; readonly validFrom: LocalDate }
  | { readonly type: 'UnitClosed'; readonly unit: Unit; readonly validTo: LocalDate };

export interface NewUnit {
  readonly id: string;
  readonly agencyId: string;
  readonly code: string;
  readonly name: string;
  readonly kind: UnitKind;
  readonly validFrom: LocalDate;
}
export interface NamedUnit extends Unit {
  readonly name: string;
  readonly parentId: string | null;
}

/**
 * Sets a unit up, at the top or under a parent that is there on its first day.
 * @param parentField how the input names the parent
 * @throws TEXT_* on `code`, `name`; UNIT_OTHER_AGENCY, UNIT_NOT_OPEN on the parent
 */
export function registerUnit(
  input: NewUnit,
  parent: Unit | null,
  parentField = 'parentId',
): Decision<NamedUnit, UnitEvent> {
  if (parent) requireOpen(parent, input, input.validFrom, parentField);
  const unit: Unit = {
    id: input.id,
    agencyId: input.agencyId,
    code: requireText(input.code, 'code', { max: 50 }),
    kind: input.kind,
    validFrom: input.validFrom,
    validTo: null,
    mergedInto: null,
    version: 1,
  };
  const name = requireText(input.name, 'name', { max: 200 });
  const parentId = parent?.id ?? null;
  return { state: { ...unit, name, parentId }, events: [{ type: 'UnitRegistered', unit, name, parentId }] };
}

/**
 * Gives a unit another name from a day on; a name given before for the same day is replaced.
 * @throws TEXT_* on `name`; UNIT_NOT_OPEN on `validFrom`
 */
export function renameUnit(unit: Unit, name: string, validFrom: LocalDate): Decision<Unit, UnitEvent> {
  requireOpen(unit, unit, validFrom, 'validFrom');
  const given = { unitId: unit.id, name: requireText(name, 'name', { max: 200 }), validFrom };
  const state = { ...unit, version: unit.version + 1 };
  return { state, events: [{ type: 'UnitRenamed', unit: state, name: given }] };
}

/**
 * Hangs a unit under another parent, or at the top, from a day on.
 * @throws UNIT_NOT_OPEN, UNIT_OTHER_AGENCY, UNIT_CYCLE
 */
export function moveUnit(
  unit: Unit,
  parent: Unit | null,
  validFrom: LocalDate,
  tree: UnitTree,
): Decision<Unit, UnitEvent> {
  requireOpen(unit, unit, validFrom, 'validFrom');
  if (parent) requireOpen(parent, unit, validFrom, 'parentId');
  const moved: ParentFrom = { unitId: unit.id, parentId: parent?.id ?? null, validFrom };
  hang(tree, moved);
  const state = { ...unit, version: unit.version + 1 };
  return { state, events: [{ type: 'UnitMoved', unit: state, parent: moved }] };
}

/**
 * Lets a unit go up in another: the day before is its last, and the units under it hang under the other from then on.
 * @param tree with the units under it that are still open only
 * @throws UNIT_NOT_OPEN, UNIT_OTHER_AGENCY, UNIT_CYCLE (into itself or into a unit under it), UNIT_HAS_CHILDREN (units that
 *   are to be moved under it on a later day)
 */
export function mergeUnit(unit: Unit, into: Unit, validFrom: LocalDate, tree: UnitTree): Decision<Unit, UnitEvent> {
  requireOpen(unit, unit, validFrom, 'validFrom');
  requireOpen(into, unit, validFrom, 'intoUnitId');
  const { now, later } = childrenFrom(tree, unit.id, validFrom);
  refuseChildren(later);
  hang(tree, { unitId: unit.id, parentId: into.id, validFrom });
  const state: Unit = { ...unit, validTo: addDays(validFrom, -1), mergedInto: into.id, version: unit.version + 1 };
  const moves = now.map((unitId): UnitEvent => {
    const parent = { unitId, parentId: into.id, validFrom };
    return { type: 'UnitMoved', unit: { id: unitId, agencyId: unit.agencyId }, parent };
  });
  return { state, events: [...moves, { type: 'UnitMerged', unit: state, intoUnitId: into.id, validFrom }] };
}

/**
 * Ends a unit without a successor.
 * @param holders people who hold a position in it after that day
 * @throws UNIT_NOT_OPEN, UNIT_HAS_CHILDREN, UNIT_HAS_HOLDERS
 */
export function closeUnit(unit: Unit, validTo: LocalDate, tree: UnitTree, holders: number): Decision<Unit, UnitEvent> {
  requireOpen(unit, unit, validTo, 'validTo');
  const { now, later } = childrenFrom(tree, unit.id, addDays(validTo, 1));
  refuseChildren([...now, ...later]);
  if (holders > 0) {
    throw new DomainError('UNIT_HAS_HOLDERS', 'People hold positions in the unit after that day. End those first.', {
      field: 'validTo',
      holders,
    });
  }
  // Also of one that was to go up in another on a later day: it ends before.
  const state: Unit = { ...unit, validTo, mergedInto: null, version: unit.version + 1 };
  return { state, events: [{ type: 'UnitClosed', unit: state, validTo }] };
}

function refuseChildren(children: readonly string[]): void {
  if (children.length === 0) return;
  throw new DomainError('UNIT_HAS_CHILDREN', 'Units hang under this one after that day. Move or close them first.', {
    children: children.length,
  });
}

/**
 * A unit that is of the same agency and there on the day.
 * @throws UNIT_OTHER_AGENCY, UNIT_NOT_OPEN with the input's `field`
 */
export function requireOpen(unit: Unit, of: { agencyId: string }, date: LocalDate, field: string): void {
  if (unit.agencyId !== of.agencyId) {
    throw new DomainError('UNIT_OTHER_AGENCY', 'The unit belongs to another agency. Choose one of the same.', {
      field,
    });
  }
  if (date < unit.validFrom || (unit.validTo !== null && date > unit.validTo)) {
    throw new DomainError('UNIT_NOT_OPEN', 'The unit does not exist on that day. Choose another day or unit.', {
      field,
      validFrom: unit.validFrom,
      validTo: unit.validTo,
    });
  }
}
