/** Read models built anew, and what became of others' events: what people see and do. */

import type { ServiceContext } from '../api/context.js';
import { DomainError, requireId, requireText } from '../errors.js';
import { appliedCounts } from '../in/consumer.count.table.js';
import type { ReadModel } from '../in/readmodel.js';
import { compareRebuild } from '../in/rebuild.compare.js';
import { dropRebuild, startRebuild, swapRebuild } from '../in/rebuild.js';
import { rebuilds } from '../in/rebuild.table.js';
import { auditedThrough, auditShown, nameOf } from './audit.js';
import type { Operations } from './operations.graph.js';
import { appliedTotals, type WaitingCount, waitingCounts } from './operations.table.js';

type Root = Record<string, never>;

interface ModelInput {
  readonly model: string;
  readonly reason: string;
  readonly idempotencyKey?: string | null;
}
interface Given<I> {
  readonly input: I;
}

/** The read models that this service keeps. */
const modelsOf = ({ subscriptions, models = [] }: Operations): ReadModel[] => [
  ...subscriptions.flatMap(({ model }) => model ?? []),
  ...models,
];

/** @throws BAD_USER_INPUT for a model that is not kept here */
function modelOf(operations: Operations, name: string): ReadModel {
  const models = modelsOf(operations);
  const found = models.find((model) => model.name === name);
  if (found) return found;
  const known = models.map((model) => model.name).join(', ') || 'none';
  throw new DomainError(
    'BAD_USER_INPUT',
    `There is no such read model here that can be built anew: there is ${known}.`,
    {
      field: 'model',
    },
  );
}

/** `/merit/personnel` publishes `merit.personnel.v1`. */
const sourceOf = ({ topic }: ReadModel): string => `/merit/${topic.split('.')[1]}`;

async function shown({ db }: ServiceContext, id: string) {
  return { rebuild: (await rebuilds(db)).find((each) => each.id === id) };
}

export const rebuildMutations = (operations: Operations, Name: string) => ({
  [`rebuild${Name}Model`]: async (_: Root, { input }: Given<ModelInput>, context: ServiceContext) => {
    const model = modelOf(operations, input.model);
    const reason = requireText(input.reason, 'reason', { max: 500 });
    const asked = { by: nameOf(context.viewer), reason, source: sourceOf(model), consumer: operations.group };
    const { id } = await auditedThrough(
      context,
      { action: 'rebuildModel', target: model.name, input: { ...input }, reason },
      async () => ({ id: (await startRebuild(context.db, model, asked)).id }),
    );
    return shown(context, id);
  },
  [`finish${Name}Rebuild`]: async (
    _: Root,
    { input }: Given<ModelInput & { readonly id: string; readonly swap: boolean }>,
    context: ServiceContext,
  ) => {
    const model = modelOf(operations, input.model);
    const reason = requireText(input.reason, 'reason', { max: 500 });
    const decision = { by: nameOf(context.viewer), reason };
    const id = requireId(input.id, 'id');
    const finish = input.swap ? swapRebuild : dropRebuild;
    await auditedThrough(
      context,
      { action: input.swap ? 'swapRebuild' : 'dropRebuild', target: model.name, input: { ...input }, reason },
      () => finish(context.db, model, id, decision),
    );
    return shown(context, id);
  },
});

export const rebuildFields = (operations: Operations) => ({
  models: () => modelsOf(operations).map(({ name }) => name),
  rebuilds: async (_: Root, __: unknown, { db }: ServiceContext) => (await rebuilds(db)).slice(0, 100),
  rebuildDifferences: async (_: Root, { model, id }: { model: string; id: string }, { db }: ServiceContext) => {
    const differences = await compareRebuild(db, modelOf(operations, model), requireId(id, 'id'));
    return differences.map((each) => ({
      ...each,
      examples: async (__: unknown, context: ServiceContext) => {
        if (each.examples.length > 0) await auditShown(context, 'showDifferences', model);
        return each.examples.map((row) => JSON.stringify(row));
      },
    }));
  },
  appliedInAll: (_: Root, __: unknown, { db }: ServiceContext) => appliedTotals(db),
  applied: async (_: Root, days: { from: string; to: string }, { db }: ServiceContext) => {
    const [counts, waiting] = [await appliedCounts(db, days), await waitingCounts(db, days)];
    const nameOfCount = ({ topic, source, type, day }: WaitingCount) => `${topic} ${source} ${type} ${day}`;
    const rows = new Map(waiting.map((row) => [nameOfCount(row), { applied: 0, discarded: 0, covered: 0, ...row }]));
    for (const row of counts) {
      const name = nameOfCount({ ...row, waiting: 0 });
      rows.set(name, { ...row, waiting: rows.get(name)?.waiting ?? 0 });
    }
    return [...rows.values()];
  },
});
