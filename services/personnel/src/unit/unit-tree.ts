/** The units of one agency as a tree that changes over time: who hung under whom, and from which day. */
import { DomainError } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';

/** From a day on the unit hangs under this parent; under none, it is at the top. */
export interface ParentFrom {
  readonly unitId: string;
  readonly parentId: string | null;
  readonly validFrom: LocalDate;
}
/** Each unit's parents, earliest first. */
export type UnitTree = ReadonlyMap<string, readonly ParentFrom[]>;

export function treeOf(parents: readonly ParentFrom[]): UnitTree {
  const tree = new Map<string, ParentFrom[]>();
  for (const parent of parents) tree.set(parent.unitId, [...(tree.get(parent.unitId) ?? []), parent]);
  for (const [unitId, rows] of tree) tree.set(unitId, rows.sort(byDay));
  return tree;
}

/** The parent on a day; null at the top, and for a unit that is not there yet. */
export function parentAt(tree: UnitTree, unitId: string, date: LocalDate): string | null {
  return tree.get(unitId)?.findLast(({ validFrom }) => validFrom <= date)?.parentId ?? null;
}

/** The units above on a day, the nearest first. */
export function ancestorsAt(tree: UnitTree, unitId: string, date: LocalDate): string[] {
  const above: string[] = [];
  for (let next = parentAt(tree, unitId, date); next !== null; next = parentAt(tree, next, date)) {
    // A tree has no cycle (`hang` sees to it); should one be found, the walk must end all the same.
    if (above.includes(next)) break;
    above.push(next);
  }
  return above;
}

/** The units directly under one on a day, or under it at some time from that day on. */
export function childrenFrom(tree: UnitTree, unitId: string, date: LocalDate): { now: string[]; later: string[] } {
  const now: string[] = [];
  const later: string[] = [];
  for (const [child, rows] of tree) {
    if (parentAt(tree, child, date) === unitId) now.push(child);
    if (rows.some((row) => row.parentId === unitId && row.validFrom > date)) later.push(child);
  }
  return { now, later };
}

/**
 * The tree with a unit hung under another parent from a day on. What was said for later days stands.
 * @throws UNIT_CYCLE on `parentId`, when on some day from then on the unit would lie under itself
 */
export function hang(tree: UnitTree, to: ParentFrom): UnitTree {
  const others = (tree.get(to.unitId) ?? []).filter(({ validFrom }) => validFrom !== to.validFrom);
  const hung = new Map(tree).set(to.unitId, [...others, to].sort(byDay));
  // Between two changes the tree stands still, so the days of changes are all that need a look.
  const days = new Set([...hung.values()].flat().map(({ validFrom }) => validFrom));
  for (const day of [to.validFrom, ...days].filter((day) => day >= to.validFrom)) {
    if (liesUnderItself(hung, to.unitId, day)) {
      throw new DomainError('UNIT_CYCLE', `On ${day} the unit would lie under itself. Choose another parent.`, {
        field: 'parentId',
        date: day,
      });
    }
  }
  return hung;
}

function liesUnderItself(tree: UnitTree, unitId: string, date: LocalDate): boolean {
  const above = ancestorsAt(tree, unitId, date);
  return above.includes(unitId);
}

const byDay = (a: ParentFrom, b: ParentFrom) => (a.validFrom < b.validFrom ? -1 : a.validFrom > b.validFrom ? 1 : 0);
