/** What is derived, computed anew at an operator's word: looked at first, and replaced after. */
import type { DataSource, EntityManager } from 'typeorm';
import type { ServiceContext } from '../api/context.js';
import { DomainError, requireId, requireText } from '../errors.js';
import { tried } from '../trial.js';
import { auditedThrough, auditShown } from './audit.js';

/** As the graph takes it. */
export interface AnewInput {
  readonly after?: string | null;
  readonly people?: number | null;
  readonly check?: boolean | null;
  readonly reason?: string | null;
  readonly idempotencyKey?: string | null;
}

/** Whose, and whether it is replaced. */
export interface Anew {
  /** Everyone after this employee; all when null. */
  readonly after: string | null;
  /** At most so many people; as many as the service finds right when null. */
  readonly people: number | null;
  /** Replaces nothing. */
  readonly check: boolean;
}

/** What was found, with those that were stored otherwise. */
interface Found {
  readonly different: readonly unknown[];
}

/**
 * Computes anew by `run`. Who is shown what is stored and what should be (`shows`), and who replaces it (`replaces`), is
 * written down; what is replaced is counted and not shown.
 * @throws BAD_USER_INPUT on `after`, and on `reason`, which is needed to replace
 */
export async function anew<F extends Found>(
  context: ServiceContext,
  input: AnewInput,
  { shows, replaces }: { readonly shows: string; readonly replaces: string },
  run: (what: Anew) => Promise<F>,
) {
  const check = input.check === true;
  const after = input.after == null ? null : requireId(input.after, 'after');
  const what: Anew = { after, people: input.people ?? null, check };
  const target = `people after ${after ?? 'nobody'}`;
  if (check) {
    const found = await run(what);
    if (found.different.length > 0) await auditShown(context, shows, target);
    return { ...found, different: found.different.length, differences: found.different };
  }
  const reason = requireText(input.reason ?? '', 'reason', { max: 500 });
  return auditedThrough(context, { action: replaces, target, input: { ...input }, reason }, async () => {
    const done = await run(what);
    return { ...done, different: done.different.length, differences: [] };
  });
}

/** What was computed of some people. */
export interface Portion<Difference> {
  /** How many. */
  readonly computed: number;
  /** Those that were stored otherwise. */
  readonly different: readonly Difference[];
  /** Where to go on; null when nobody is left. */
  readonly next: string | null;
}

/** So many take a few seconds: a request waits no longer than the gateway does, however large the system. */
const MOST_PEOPLE = 1_000;

/**
 * Goes through people, so many (`size`) a transaction, which is undone where this only checks. Traffic goes on meanwhile:
 * each transaction holds what is derived of its own people.
 * @param work computes what is derived of at most so many people after one, by id, and replaces what differs
 * @throws PEOPLE_OUT_OF_RANGE on `people`
 */
export async function inPortions<Difference>(
  db: DataSource,
  { after, people, check }: Anew,
  size: number,
  work: (tx: EntityManager, after: string | null, most: number) => Promise<Portion<Difference>>,
): Promise<Portion<Difference>> {
  const most = people ?? size;
  if (!Number.isInteger(most) || most < 1 || most > MOST_PEOPLE) {
    const message = `Rebuild from 1 to ${MOST_PEOPLE} people at a time, then go on.`;
    throw new DomainError('PEOPLE_OUT_OF_RANGE', message, { field: 'people', max: MOST_PEOPLE });
  }
  let [computed, next] = [0, after];
  const different: Difference[] = [];
  for (let left = most; left > 0; left -= size) {
    const done = await (check ? tried : inOne)(db, (tx) => work(tx, next, Math.min(left, size)));
    computed += done.computed;
    different.push(...done.different);
    next = done.next;
    if (next === null) break;
  }
  return { computed, different, next };
}

const inOne: typeof tried = (db, work) => db.transaction(work);
