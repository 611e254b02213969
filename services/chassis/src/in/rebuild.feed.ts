/** What a chunk does beside its work for the live tables: the same for read models that are being built anew. */
import type { EntityManager } from 'typeorm';
import { oneLine } from '../log.js';
import { DatabaseCrawls, isCrawling, isOutage } from '../outage.js';
import { applySteps } from './consumer.apply.js';
import type { Subscription } from './consumer.js';
import { afterwards, type Ended, type Step, sequenceName } from './inbox.js';
import type { Applied } from './inbox.judge.js';
import { knownOf, type Place, saveApplied } from './inbox.table.js';
import { type ReadModel, readModel } from './readmodel.js';

/** Where a model is built anew: its tables and its own `applied_sequence`. */
export const schemaOf = ({ name }: Pick<ReadModel, 'name'>): string => {
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(name)) throw new Error(`${name} is no name of a read model.`);
  return `rebuild_${name}`;
};

/** Lets `work` find the model's tables of the rebuild by their names, in a transaction that ends when it fails. */
export async function inShadow(
  inner: EntityManager,
  model: Pick<ReadModel, 'name'>,
  work: () => Promise<void>,
): Promise<void> {
  const [before]: [{ path: string }] = await inner.query(`select current_setting('search_path') as path`);
  await inner.query(`select set_config('search_path', $1, true)`, [`${schemaOf(model)}, ${before.path}`]);
  await work();
  await inner.query(`select set_config('search_path', $1, true)`, [before.path]);
}

/**
 * Applies to the rebuilds what was applied to the live tables, in the same transaction. An aggregate counts in a rebuild
 * from its snapshot on, or from its first event; from then on both have the same numbers. When it cannot be applied, the
 * rebuild has failed, and the live tables go on.
 * @param rebuilding as the position's row says, under its lock
 */
export async function feedRebuilds(
  tx: EntityManager,
  subscriptions: readonly Subscription[],
  rebuilding: readonly string[],
  steps: readonly Step[],
): Promise<void> {
  if (rebuilding.length === 0 || steps.length === 0) return;
  for (const model of await openModels(tx, subscriptions, rebuilding)) {
    await feedRebuild(tx, model, steps);
  }
}

/** The same to one rebuild, which is open. */
export const feedRebuild = (tx: EntityManager, model: ReadModel, steps: readonly Step[]): Promise<void> =>
  orFail(tx, model, (inner) =>
    inShadow(inner, model, async () => {
      const { applied } = await knownOf(
        inner,
        steps.map(({ event }) => event),
      );
      const mine = countedHere(steps, applied);
      await applySteps(inner, [readModel(model)], mine);
      await saveApplied(inner, lastOf(mine));
    }),
  );

/** Those of the steps that count in a rebuild which has come so far. */
export function countedHere(steps: readonly Step[], applied: ReadonlyMap<string, Applied>): Step[] {
  const counted = new Map<string, number>([...applied].map(([name, { seq }]) => [name, seq]));
  return steps.filter(({ kind, event }) => {
    const name = sequenceName(event);
    const last = counted.get(name);
    const counts =
      kind === 'NEXT' ? last !== undefined || event.sequence === 1 : kind === 'REPLACES' || last !== event.sequence;
    if (counts) counted.set(name, event.sequence);
    return counts;
  });
}

const lastOf = (steps: readonly Step[]) =>
  new Map(steps.map(({ event }) => [sequenceName(event), afterwards(event)])).values();

/** An event that was left out of the live tables for good is left out here too. */
export async function skipInRebuilds(
  tx: EntityManager,
  subscriptions: readonly Subscription[],
  rebuilding: readonly string[],
  step: Step,
): Promise<void> {
  for (const model of rebuilding.length === 0 ? [] : await openModels(tx, subscriptions, rebuilding)) {
    await orFail(tx, model, (inner) =>
      inShadow(inner, model, async () => {
        const { applied } = await knownOf(inner, [step.event]);
        await saveApplied(inner, lastOf(countedHere([step], applied)));
      }),
    );
  }
}

async function openModels(
  tx: EntityManager,
  subscriptions: readonly Subscription[],
  rebuilding: readonly string[],
): Promise<ReadModel[]> {
  const rows: { model: string }[] = await tx.query(
    `select model from rebuild where state in ('FILLING', 'READY') and model = any($1)`,
    [rebuilding],
  );
  const open = new Set(rows.map(({ model }) => model));
  return subscriptions.flatMap(({ model }) => (model && open.has(model.name) ? [model] : []));
}

/**
 * Does some work for a rebuild. When it cannot be done it is undone, alone, and the rebuild has failed.
 * @throws what failed when it is the database or the network: then all is tried again, and the rebuild goes on
 */
export async function orFail(
  tx: EntityManager,
  model: ReadModel,
  work: (inner: EntityManager) => Promise<void>,
): Promise<void> {
  try {
    await tx.transaction(work);
  } catch (error) {
    if (isOutage(error)) throw error;
    if (await isCrawling(error, () => probe(tx, model)))
      throw new DatabaseCrawls('The database crawls: a rebuild could not be fed.', { cause: error });
    const message = oneLine(error).slice(0, 1_000);
    await tx.query(
      `update rebuild set state = 'FAILED', error = $2 where model = $1 and state in ('FILLING', 'READY')`,
      [model.name, message],
    );
  }
}

/** Locks one row on another connection, for this one holds its partition's; whoever holds this row is not waited for. */
const probe = ({ connection }: EntityManager, { name }: ReadModel): Promise<unknown> =>
  connection.transaction((other) =>
    other.query(
      `select from rebuild where model = $1 and state in ('FILLING', 'READY') for no key update skip locked`,
      [name],
    ),
  );

/**
 * Notes that runs of snapshots have ended on a partition. Once one has on all of them, the rebuild that asked for it is
 * complete; and when it is of a higher timeline than any before, whatever is still on an older one is gone at its
 * publisher, and is forgotten here.
 */
export async function endRuns(
  tx: EntityManager,
  { topic, partition }: Place,
  subscriptions: readonly Subscription[],
  ended: readonly Ended[],
): Promise<void> {
  for (const { source, run, timeline } of ended) {
    // The upsert waits for other partitions' transactions that end the same run: the last of them finds all.
    const [{ complete }] = await tx.query(
      `insert into snapshot_seen as s (source, run, topic, timeline, partitions) values ($1, $2, $3, $4, array[$5::int])
       on conflict (source, run) do update
         set partitions = (select array_agg(distinct p) from unnest(s.partitions || excluded.partitions) p)
       returning cardinality(partitions) >= (select count(*) from consumer_offset o where o.topic = $3) as complete`,
      [source, run, topic, timeline, partition],
    );
    if (!complete) continue;
    await tx.query(`update rebuild set state = 'READY' where id::text = $1 and state = 'FILLING'`, [run]);
    await leaveTimelines(tx, source, timeline, subscriptions);
  }
}

const FORGOTTEN_AT_ONCE = 1_000;

async function leaveTimelines(
  tx: EntityManager,
  source: string,
  timeline: number,
  subscriptions: readonly Subscription[],
): Promise<void> {
  const risen = await tx.query(
    `insert into source_timeline as t (source, timeline) select $1, $2 where $2 > 1
     on conflict (source) do update set timeline = excluded.timeline where t.timeline < excluded.timeline returning source`,
    [source, timeline],
  );
  if (risen.length === 0) return;
  const left: { aggregate: string }[] = await tx.query(
    'select aggregate from applied_sequence where source = $1 and timeline < $2 order by 1',
    [source, timeline],
  );
  for (let from = 0; from < left.length; from += FORGOTTEN_AT_ONCE) {
    const aggregates = left.slice(from, from + FORGOTTEN_AT_ONCE).map(({ aggregate }) => aggregate);
    for (const { model, takeBack } of subscriptions) {
      await model?.forget(tx, aggregates);
      await takeBack?.(
        tx,
        aggregates.map((aggregate) => ({ aggregate, key: null })),
      );
    }
  }
  // Not every aggregate has snapshots: what comes of one that had none is taken as the next, whatever its number.
  await tx.query(
    `update applied_sequence set timeline = $2, last_seq = 0, last_event_id = null where source = $1 and timeline < $2`,
    [source, timeline],
  );
}
