/** Dead letters in the graph: what they show, and what can be done about them. */
import type { Registry } from '@bufbuild/protobuf';
import type { DataSource } from 'typeorm';
import type { ServiceContext } from '../api/context.js';
import { DomainError, requireText } from '../errors.js';
import type { Subscription } from '../in/consumer.js';
import { type DeadLetter, type Outcome, type retryDeadLetter, showDeadLetter } from '../in/deadletter.js';
import { firstInLine } from '../in/deadletter.table.js';
import { auditedThrough, auditShown, nameOf, ONE_CALL_MS } from './audit.js';
import { countBehind, countInLine, faultBefore, nextBehind } from './operations.table.js';
import { showPayload } from './payload.js';

type Root = Record<string, never>;

interface LetterInput {
  readonly id: string;
  readonly reason?: string | null;
  readonly idempotencyKey?: string | null;
}

/** What stands in an envelope, and what waits behind: the rest are the letter's own fields. */
export const letterResolvers = (contracts: Registry) => ({
  type: ({ headers }: DeadLetter) => headers['ce_type'] ?? null,
  source: ({ headers }: DeadLetter) => headers['ce_source'] ?? null,
  subject: ({ headers }: DeadLetter) => headers['ce_subject'] ?? null,
  headers: ({ headers }: DeadLetter) =>
    Object.entries(headers)
      .map(([name, value]) => ({ name, value }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  payload: ({ id, headers, value, emptiedAt }: DeadLetter) => {
    if (emptiedAt !== null) return removedOn(emptiedAt);
    const { json, hex, ...rest } = showPayload(contracts, headers['ce_type'], value);
    const shown = (text: string | null) => async (_: unknown, context: ServiceContext) => {
      if (text !== null) await auditShown(context, 'showPayload', `dead letter ${id}`);
      return text;
    };
    return { ...rest, json: shown(json), hex: shown(hex) };
  },
  waitsFor: (letter: DeadLetter, _: unknown, { db }: ServiceContext) => faultBefore(db, letter),
  waitingBehind: (letter: DeadLetter, _: unknown, { db }: ServiceContext) => countBehind(db, letter),
  behind: (letter: DeadLetter, _: unknown, { db }: ServiceContext) => nextBehind(db, letter),
});

const removedOn = (moment: Date) => {
  const problem = `it was removed on ${moment.toISOString().slice(0, 10)}, for the letter was settled long before`;
  return { bytes: 0, json: null, problem, hex: null };
};

/** Retrying and discarding differ in what becomes of the first of the line. */
export const settling =
  (subscriptions: readonly Subscription[], action: string, settle: typeof retryDeadLetter) =>
  async (_: Root, { input }: { input: LetterInput }, context: ServiceContext) => {
    const id = requireNumber(input.id);
    const reason = input.reason == null ? 'the cause is gone' : requireText(input.reason, 'reason', { max: 500 });
    const outcome = await auditedThrough(
      context,
      { action, target: `dead letter ${id}`, input: { ...input }, reason },
      async () => {
        const decision = { by: nameOf(context.viewer), reason };
        const until = Date.now() + ONE_CALL_MS;
        return told(await settle(context.db, subscriptions, id, decision, until));
      },
    );
    const deadLetter = await showDeadLetter(context.db, id);
    const stoppedBy = outcome.stoppedBy === null ? null : await showDeadLetter(context.db, outcome.stoppedBy);
    const [waiting, [next = null]] = [
      await countInLine(context.db, deadLetter),
      await firstInLine(context.db, deadLetter, 1),
    ];
    return { deadLetter, applied: outcome.applied, stoppedBy, waiting, next };
  };

/** What is kept of an outcome, and given again. */
const told = ({ settled, stoppedBy }: Outcome) => ({ applied: settled, stoppedBy: stoppedBy?.id ?? null });

/** The dead letter of a number; null when there is none. @throws INVALID_ID */
export const findDeadLetter = (db: DataSource, id: string): Promise<DeadLetter | null> =>
  showDeadLetter(db, requireNumber(id)).catch((error) => {
    if (error instanceof DomainError && error.code === 'DEAD_LETTER_NOT_FOUND') return null;
    throw error;
  });

/** A row's number. @throws INVALID_ID */
export function requireNumber(id: string, field = 'id'): string {
  if (/^[1-9]\d{0,17}$/.test(id)) return id;
  throw new DomainError('INVALID_ID', `${field} is not an id. Use the number that a query gave, such as 17.`, {
    field,
  });
}
