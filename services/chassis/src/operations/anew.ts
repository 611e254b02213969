/** What is derived, computed anew at an operator's word: looked at first, and replaced after. */
import type { ServiceContext } from '../api/context.js';
import { requireId, requireText } from '../errors.js';
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
