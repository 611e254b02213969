/** What people ask of a publisher: its events once more, where all stands, another timeline, a parked key. */

import type { ServiceContext } from '../api/context.js';
import { DomainError, requireText } from '../errors.js';
import { unpark } from '../out/outbox.table.js';
import { publishedCounts, publishedInAll } from '../out/published.js';
import { replayPart } from '../out/replay.js';
import { requestSnapshot, snapshotRuns } from '../out/snapshot.js';
import { raiseTimeline, timelineOf } from '../out/timeline.js';
import { auditedOnce, auditedThrough, nameOf, ONE_CALL_MS } from './audit.js';
import type { Operations } from './operations.graph.js';
import { requireNumber } from './operations.letters.js';

type Root = Record<string, never>;

interface Why {
  readonly reason: string;
  readonly idempotencyKey?: string | null;
}
interface Given<I> {
  readonly input: I;
}
interface ReplayInput extends Why {
  readonly from?: Date | null;
  readonly to?: Date | null;
  readonly types?: readonly string[] | null;
  readonly key?: string | null;
  readonly subject?: string | null;
  readonly after?: string | null;
}

const why = ({ reason }: Why): string => requireText(reason, 'reason', { max: 500 });

/** A publisher's mutations. @param Name `Performance` */
export const publishingMutations = ({ topic }: Operations, Name: string) => ({
  [`unpark${Name}Events`]: (_: Root, { input }: Given<Why & { readonly key: string }>, context: ServiceContext) => {
    const key = requireText(input.key, 'key', { max: 300 });
    const action = { action: 'unparkEvents', target: key, input: { ...input }, reason: why(input) };
    return auditedOnce(context, action, async (tx) => ({ events: await unpark(tx, topic, key) }));
  },
  // In steps that are kept as they are made, one transaction would hold millions of rows; and in calls that end before their request does.
  [`replay${Name}Events`]: (_: Root, { input }: Given<ReplayInput>, context: ServiceContext) => {
    const { from, to, types, key, subject } = input;
    const filter = given({ from, to, types, key, subject });
    if (from && to && from >= to) {
      throw new DomainError('BAD_USER_INPUT', 'from must lie before to.', { field: 'to' });
    }
    const action = { action: 'replayEvents', target: JSON.stringify(filter), input: { ...input }, reason: why(input) };
    const part = { after: input.after == null ? null : requireNumber(input.after, 'after'), ms: ONE_CALL_MS };
    return auditedThrough(context, action, () => replayPart(context.db, filter, part));
  },
  [`snapshot${Name}Events`]: async (_: Root, { input }: Given<Why>, context: ServiceContext) => {
    const asked = { by: nameOf(context.viewer), reason: why(input) };
    const action = { action: 'snapshotEvents', target: topic, input: { ...input }, reason: asked.reason };
    const { id } = await auditedOnce(context, action, async (tx) => ({ id: await requestSnapshot(tx, asked) }));
    return { snapshot: (await snapshotRuns(context.db)).find((run) => run.id === id) };
  },
  [`raise${Name}Timeline`]: (_: Root, { input }: Given<Why>, context: ServiceContext) => {
    const asked = { by: nameOf(context.viewer), reason: why(input) };
    const action = { action: 'raiseTimeline', target: topic, input: { ...input }, reason: asked.reason };
    return auditedOnce(context, action, async (tx) => ({ timeline: await raiseTimeline(tx, asked) }));
  },
});

type Present<T> = { [K in keyof T]?: Exclude<T[K], null> };

/** Without what is null or not there. */
const given = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as Present<T>;

/** What a publisher shows of itself. */
export const publishingFields = {
  timeline: (_: Root, __: unknown, { db }: ServiceContext) => timelineOf(db),
  snapshots: async (_: Root, __: unknown, { db }: ServiceContext) => (await snapshotRuns(db)).slice(0, 100),
  published: (_: Root, days: { from: string; to: string }, { db }: ServiceContext) => publishedCounts(db, days),
  publishedInAll: ({ topic: own }: { topic: string }, { topic }: { topic?: string | null }, { db }: ServiceContext) =>
    publishedInAll(db, topic ?? own),
};
