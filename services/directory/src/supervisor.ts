/**
 * Who supervises whom, at any date, as it was known at any moment.
 *
 * Pure: what is known of people and units comes in as facts. Every fact has two times: when it holds (days of the
 * agency, both included) and when it was recorded.
 */

import { byRight, type Holding } from './rank.js';

/** A day, `2026-03-02`. Days compare as texts. */
export type Day = string;

export interface Assignment extends Holding {
  readonly employeeId: string;
  readonly unitId: string;
  /** Whether the position leads its unit. */
  readonly leading: boolean;
  /** Each last day that was ever recorded, the first of them possibly with the assignment itself. */
  readonly ends: readonly { readonly validTo: Day | null; readonly recordedAt: Date }[];
  readonly annulledAt: Date | null;
}

/** A statement that someone supervises a person beside the rule; without a supervisor, that the rule holds again. */
export interface Override {
  readonly id: string;
  readonly employeeId: string;
  readonly supervisorId: string | null;
  readonly validFrom: Day;
  readonly validTo: Day | null;
  readonly recordedAt: Date;
}

export interface UnitFacts {
  readonly id: string;
  /** The last day on which it existed. */
  readonly closedOn: Day | null;
  readonly mergedInto: string | null;
  /** What it hangs under from a day on. */
  readonly parents: readonly { readonly parentId: string | null; readonly validFrom: Day }[];
}

export interface Facts {
  /** Every assignment of the people asked about, and every leading one of their units and the units above. */
  readonly assignments: readonly Assignment[];
  readonly overrides: readonly Override[];
  readonly units: readonly UnitFacts[];
  /** The last day of service of those who left. */
  readonly left: ReadonlyMap<string, Day>;
}

/** Facts by what they are looked up with. */
export interface Index {
  readonly byEmployee: ReadonlyMap<string, readonly Assignment[]>;
  readonly leadingByUnit: ReadonlyMap<string, readonly Assignment[]>;
  readonly overridesByEmployee: ReadonlyMap<string, readonly Override[]>;
  readonly units: ReadonlyMap<string, UnitFacts>;
  readonly left: ReadonlyMap<string, Day>;
}

export function indexFacts({ assignments, overrides, units, left }: Facts): Index {
  const leading = assignments.filter((assignment) => assignment.leading);
  return {
    byEmployee: groupBy(assignments, 'employeeId'),
    leadingByUnit: groupBy(leading, 'unitId'),
    overridesByEmployee: groupBy(overrides, 'employeeId'),
    units: new Map(units.map((unit) => [unit.id, unit])),
    left,
  };
}

function groupBy<T, K extends keyof T>(items: readonly T[], key: K): Map<T[K], T[]> {
  const groups = new Map<T[K], T[]>();
  for (const item of items) groups.set(item[key], [...(groups.get(item[key]) ?? []), item]);
  return groups;
}

/**
 * The supervisor of an employee on a day, as it was known at a moment; null when there is none (the top, or nobody
 * holds any position above).
 *
 * What was set by hand wins. Else it is whoever holds the leading position of the employee's unit: the definitive
 * holder (one who holds it beside another position counts after those who hold it alone), else who acts in it (PLT,
 * then PLH), else the same of the unit above, never oneself. A unit that was merged is the one that took it in; of one
 * that was closed, only the units above it count.
 */
export function supervisorOf(facts: Index, employeeId: string, date: Day, knownAt: Date): string | null {
  const set = overrideOf(facts, employeeId, date, knownAt);
  if (set !== null) return set;
  const place = placeOf(facts, employeeId, date, knownAt);
  const visited = new Set<string>();
  for (let unitId = place?.unitId ?? null; unitId !== null && !visited.has(unitId); ) {
    visited.add(unitId); // units that hang under each other by mistake end the search, not the process
    const unit = facts.units.get(unitId);
    const successor = unit && successorOf(unit, date);
    if (!successor) {
      const holder = isOpen(unit, date) ? holderOf(facts, unitId, date, knownAt) : null;
      if (holder !== null && holder !== employeeId) return holder;
    }
    unitId = successor ?? parentOf(unit, date);
  }
  return null;
}

/** The supervisor, that one's supervisor, and so on to the top; each person once, and never the employee. */
export const higherSupervisors = (facts: Index, employeeId: string, date: Day, knownAt: Date): string[] =>
  chainOf(employeeId, (id) => supervisorOf(facts, id, date, knownAt));

/** The same over supervisors found already. Two who were set to supervise each other end the chain. */
export function chainOf(employeeId: string, supervisor: (employeeId: string) => string | null): string[] {
  const chain: string[] = [];
  for (let next = supervisor(employeeId); next !== null && next !== employeeId; next = supervisor(next)) {
    if (chain.includes(next)) break;
    chain.push(next);
  }
  return chain;
}

/** Of the statements about the day that were known, the last one recorded holds. Null: the rule does. */
function overrideOf(facts: Index, employeeId: string, date: Day, knownAt: Date): string | null {
  const known = (facts.overridesByEmployee.get(employeeId) ?? []).filter(
    ({ recordedAt, validFrom, validTo }) => recordedAt <= knownAt && includes(date, validFrom, validTo),
  );
  const last = known
    .toSorted((a, b) => order(a.recordedAt.getTime(), b.recordedAt.getTime()) || order(a.id, b.id))
    .at(-1);
  const supervisorId = last?.supervisorId ?? null;
  return supervisorId === null || supervisorId === employeeId || hasLeft(facts, supervisorId, date)
    ? null
    : supervisorId;
}

/** Where the employee works: the definitive position, else what there is. */
export function placeOf(facts: Index, employeeId: string, date: Day, knownAt: Date): Assignment | null {
  return first(facts, facts.byEmployee.get(employeeId), date, knownAt);
}

/** Who leads the unit. */
const holderOf = (facts: Index, unitId: string, date: Day, knownAt: Date): string | null =>
  first(facts, facts.leadingByUnit.get(unitId), date, knownAt)?.employeeId ?? null;

/** Of the assignments that held on the day, that with the best right. */
function first(facts: Index, assignments: readonly Assignment[] = [], date: Day, knownAt: Date): Assignment | null {
  const held = assignments.filter(
    (assignment) => heldOn(assignment, date, knownAt) && !hasLeft(facts, assignment.employeeId, date),
  );
  return held.toSorted(byRight)[0] ?? null;
}

/** Whether an assignment held on the day, by what had been recorded at the moment. */
function heldOn(assignment: Assignment, date: Day, knownAt: Date): boolean {
  const { validFrom, recordedAt, annulledAt, ends } = assignment;
  if (recordedAt > knownAt || (annulledAt !== null && annulledAt <= knownAt)) return false;
  const known = ends.filter((end) => end.recordedAt <= knownAt);
  const last = known.toSorted((a, b) => order(a.recordedAt.getTime(), b.recordedAt.getTime())).at(-1);
  return includes(date, validFrom, last?.validTo ?? null);
}

const includes = (date: Day, from: Day, to: Day | null): boolean => from <= date && (to === null || date <= to);

const order = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

const hasLeft = (facts: Index, employeeId: string, date: Day): boolean => {
  const lastDay = facts.left.get(employeeId);
  return lastDay !== undefined && lastDay < date;
};

const isOpen = (unit: UnitFacts | undefined, date: Day): boolean =>
  unit === undefined || unit.closedOn === null || date <= unit.closedOn;

const successorOf = (unit: UnitFacts, date: Day): string | null => (isOpen(unit, date) ? null : unit.mergedInto);

/** What the unit hangs under on the day. */
function parentOf(unit: UnitFacts | undefined, date: Day): string | null {
  const begun = (unit?.parents ?? []).filter(({ validFrom }) => validFrom <= date);
  return begun.toSorted((a, b) => order(a.validFrom, b.validFrom)).at(-1)?.parentId ?? null;
}

/** The days from the first to the last on which another may supervise than on the day before; the first is one of them. */
export function changeDays({ assignments, overrides, units, left }: Facts, from: Day, to: Day): Day[] {
  const begins = [
    ...assignments.map(({ validFrom }) => validFrom),
    ...overrides.map(({ validFrom }) => validFrom),
    ...units.flatMap(({ parents }) => parents.map(({ validFrom }) => validFrom)),
  ];
  const ends = [
    ...assignments.flatMap((assignment) => assignment.ends.map(({ validTo }) => validTo)),
    ...overrides.map(({ validTo }) => validTo),
    ...units.map(({ closedOn }) => closedOn),
    ...left.values(),
  ].flatMap((day) => (day === null ? [] : dayAfter(day)));
  return [...new Set([from, ...[...begins, ...ends].filter((day) => from < day && day <= to)])].sort();
}

const dayAfter = (day: Day): Day => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
