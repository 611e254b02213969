/** Many units at once, from a table: each is new, or there already with the same content, or wrong. */
import { DomainError, requireText } from '@merit/chassis/errors';
import { type ImportProblem, judgeRow } from '@merit/chassis/import';
import { type LocalDate, requireDate } from '@merit/chassis/local-date';
import { cell, requireOneOf } from '../cell.js';
import {
  type NamedUnit,
  type NameFrom,
  registerUnit,
  UNIT_KINDS,
  type Unit,
  type UnitEvent,
  type UnitKind,
} from '../unit/unit.js';
import { type ParentFrom, parentAt, treeOf, type UnitTree } from '../unit/unit-tree.js';

export interface UnitRow {
  readonly code: string;
  readonly name: string;
  readonly parentCode?: string | null;
  readonly kind: string;
  readonly validFrom: string;
}
export interface KnownUnits {
  readonly units: readonly Unit[];
  readonly names: readonly NameFrom[];
  readonly parents: readonly ParentFrom[];
}
export interface UnitPlan {
  readonly units: readonly NamedUnit[];
  readonly events: readonly UnitEvent[];
  readonly unchanged: number;
  readonly problems: readonly ImportProblem[];
}

interface Outside {
  readonly agencyId: string;
  readonly newId: () => string;
}
interface Parsed {
  readonly row: number;
  readonly code: string;
  readonly name: string;
  readonly parentCode: string | null;
  readonly kind: UnitKind;
  readonly validFrom: LocalDate;
}

const KINDS = Object.keys(UNIT_KINDS) as UnitKind[];

/**
 * What to do with the rows of a table of units. A parent may stand before or after its children.
 * Problems, a row each: TEXT_*, DATE_INVALID, VALUE_UNKNOWN, ROW_REPEATED, UNIT_DIFFERS, UNIT_NOT_FOUND, UNIT_CYCLE, and those of
 * `registerUnit`.
 */
export function planUnits(rows: readonly UnitRow[], known: KnownUnits, outside: Outside): UnitPlan {
  const problems: ImportProblem[] = [];
  const byCode = readRows(rows, problems);
  const there = new Map<string, Unit>(known.units.map((unit) => [unit.code, unit]));
  const requireSame = sameAs(known);
  const { plan, unitOf } = builder(byCode, there, problems, outside);
  let unchanged = 0;
  for (const [code, row] of byCode) {
    const unit = there.get(code);
    if (!unit) unitOf(code, []);
    else if (judgeRow(problems, row.row, () => requireSame(unit, row))) unchanged += 1;
  }
  return { ...plan, unchanged, problems: problems.sort((a, b) => a.row - b.row) };
}

/** Makes the units of the rows, each after the one above it. */
function builder(
  byCode: ReadonlyMap<string, Parsed>,
  there: ReadonlyMap<string, Unit>,
  problems: ImportProblem[],
  { agencyId, newId }: Outside,
) {
  const plan = { units: [] as NamedUnit[], events: [] as UnitEvent[] };
  const made = new Map<string, Unit | null>();
  /** The unit of a code, with the codes below it that led here. Null when its row is wrong, or there is none. */
  const unitOf = (code: string, below: readonly string[]): Unit | null => {
    const known = there.get(code) ?? made.get(code);
    const row = byCode.get(code);
    if (known !== undefined || !row) return known ?? null;
    const unit = judgeRow(problems, row.row, () => make(row, [...below, code]));
    made.set(code, unit);
    return unit;
  };
  const make = (row: Parsed, path: readonly string[]): Unit => {
    const parent = row.parentCode === null ? null : parentOf(row.parentCode, path);
    const { state, events } = registerUnit({ ...row, id: newId(), agencyId }, parent, 'parentCode');
    plan.units.push(state);
    plan.events.push(...events);
    return state;
  };
  const parentOf = (code: string, path: readonly string[]): Unit => {
    if (path.includes(code)) throw wrongParent('UNIT_CYCLE', 'The unit would lie under itself. Choose another parent.');
    const parent = unitOf(code, path);
    if (parent) return parent;
    throw wrongParent('UNIT_NOT_FOUND', 'There is no unit of that code, or its own row is wrong.');
  };
  return { plan, unitOf };
}

/** The rows that can be read, by code; of those with the same, the first. */
function readRows(rows: readonly UnitRow[], problems: ImportProblem[]): Map<string, Parsed> {
  const byCode = new Map<string, Parsed>();
  for (const [index, row] of rows.entries()) {
    judgeRow(problems, index, () => {
      const parsed = parse(row, index);
      requireNew(byCode, parsed.code);
      byCode.set(parsed.code, parsed);
    });
  }
  return byCode;
}

function parse(row: UnitRow, index: number): Parsed {
  const parentCode = cell(row.parentCode);
  return {
    row: index,
    code: requireText(row.code, 'code', { max: 50 }),
    name: requireText(row.name, 'name', { max: 200 }),
    parentCode: parentCode && requireText(parentCode, 'parentCode', { max: 50 }),
    kind: requireOneOf(row.kind, KINDS, 'kind'),
    validFrom: requireDate(row.validFrom.trim(), 'validFrom'),
  };
}

/** Compared by what held on the row's own day, so that a unit that was renamed since is still the same. */
function sameAs({ units, names, parents }: KnownUnits): (unit: Unit, row: Parsed) => true {
  const tree: UnitTree = treeOf(parents);
  const codeOf = new Map(units.map(({ id, code }) => [id, code]));
  const nameOf = new Map(names.map(({ unitId, validFrom, name }) => [`${unitId} ${validFrom}`, name]));
  return (unit, row) => {
    const parentId = parentAt(tree, unit.id, row.validFrom);
    const same: Record<'kind' | 'validFrom' | 'name' | 'parentCode', boolean> = {
      kind: unit.kind === row.kind,
      validFrom: unit.validFrom === row.validFrom,
      name: nameOf.get(`${unit.id} ${row.validFrom}`) === row.name,
      parentCode: (parentId === null ? null : codeOf.get(parentId)) === row.parentCode,
    };
    const field = Object.entries(same).find(([, isSame]) => !isSame)?.[0];
    if (field === undefined) return true;
    throw new DomainError(
      'UNIT_DIFFERS',
      'A unit of that code is there with other content. Rename or move it instead.',
      {
        field,
      },
    );
  };
}

function requireNew(byCode: ReadonlyMap<string, unknown>, code: string): void {
  if (!byCode.has(code)) return;
  throw new DomainError('ROW_REPEATED', 'An earlier row has this code. Leave one of them out.', { field: 'code' });
}

const wrongParent = (code: string, message: string) => new DomainError(code, message, { field: 'parentCode' });
