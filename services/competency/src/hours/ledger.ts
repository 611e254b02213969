/** What counts for a person in a calendar year, as it is published: opened once, and a new version for each change. */
import type { Decimal } from 'decimal.js';
import { entitlementOf, monthsOfService } from './entitlement.js';
import { countHours } from './hours.js';
import type { Learner, TrainingRecord } from './record.js';
import type { HourRules } from './rules.js';
import { inSpan, type Span } from './span.js';
import type { Hours, RecordCount, YearCount } from './year-count.js';

/** A civil servant as far as hours depend on who they are. */
export interface Person extends Learner {
  readonly employeeId: string;
  /** The agency that employs them. */
  readonly agencyId: string | null;
  readonly leftOn: string | null;
}

/** A finished training with what is published of it. */
export interface PublishedRecord extends TrainingRecord {
  /** The event that last set its result. */
  readonly eventId: string;
  readonly eventType: 'TrainingCompleted' | 'TrainingCorrected';
  readonly completedAt: Date;
}

/** A ledger as it was last published. */
export interface KnownLedger {
  readonly id: string;
  readonly employeeId: string;
  readonly year: number;
  readonly version: number;
  readonly entitlement: Decimal;
  /** Record id → what was said of it, as `contentOf` writes it. */
  readonly contents: ReadonlyMap<string, string>;
}

export interface LedgerRecord extends RecordCount {
  readonly record: PublishedRecord;
  /** Whether it is another than was published. */
  readonly changed: boolean;
}

/** A ledger to be published. */
export interface Ledger {
  readonly id: string;
  readonly person: Person;
  readonly year: number;
  readonly version: number;
  readonly recorded: Hours;
  readonly counted: Hours;
  readonly entitlement: Decimal;
  readonly records: readonly LedgerRecord[];
  /** Records published before that the year no longer has. */
  readonly gone: readonly string[];
}

export interface Recount {
  readonly person: Person;
  /** The years whose ledgers are counted. */
  readonly within: Span;
  /** All records that decide them. */
  readonly records: readonly PublishedRecord[];
  readonly known: readonly KnownLedger[];
  /** Years in which hours have begun to fall due: opened if the person serves in them. */
  readonly due: readonly number[];
}

/**
 * The ledgers of a person that are to be published: new ones, and those in which anything is another than before.
 * There is one for each year in which hours are due or something is recorded, at 0 too.
 */
export function recountLedgers(
  { person, within, records, known, due }: Recount,
  rules: HourRules,
  newId: () => string,
): Ledger[] {
  const counts = countHours(records, rules, person);
  const served = due.filter((year) => monthsOfService(person.serviceFrom, person.leftOn, year) > 0);
  const there = [...known.map(({ year }) => year), ...counts.keys(), ...served];
  const years = new Set(there.filter((year) => inSpan(within, year)).sort((a, b) => a - b));
  const byId = new Map(records.map((record) => [record.id, record]));
  return [...years].flatMap((year) => {
    const before = known.find((ledger) => ledger.year === year) ?? null;
    const ledger = ledgerOf(person, counts.get(year) ?? null, { year, before, rules, byId });
    return hasChanged(ledger, before) ? [{ ...ledger, id: before?.id ?? newId() }] : [];
  });
}

interface Given {
  readonly year: number;
  readonly before: KnownLedger | null;
  readonly rules: HourRules;
  readonly byId: ReadonlyMap<string, PublishedRecord>;
}

function ledgerOf(person: Person, count: YearCount | null, { year, before, rules, byId }: Given): Omit<Ledger, 'id'> {
  const entitlement = entitlementOf(rules.entitlements, person.kind, year);
  const records = (count?.records ?? []).map((one) => {
    const record = byId.get(one.id)!;
    return { ...one, record, changed: before?.contents.get(one.id) !== contentOf(one, record) };
  });
  const here = new Set(records.map(({ id }) => id));
  const gone = [...(before?.contents.keys() ?? [])].filter((id) => !here.has(id));
  const [recorded, counted] = [count?.recorded ?? '0', count?.counted ?? '0'];
  return { person, year, version: (before?.version ?? 0) + 1, recorded, counted, entitlement, records, gone };
}

const hasChanged = ({ records, gone, entitlement }: Omit<Ledger, 'id'>, before: KnownLedger | null): boolean =>
  before === null || gone.length > 0 || !entitlement.eq(before.entitlement) || records.some(({ changed }) => changed);

/** All that is published of a record, as a text to compare. */
const contentOf = ({ hours, counted, reason }: RecordCount, { eventId }: PublishedRecord): string =>
  `${eventId} ${hours} ${counted} ${reason ?? ''}`;
