/** The steps of a rebuild, as the graph takes them: opened, filled, compared, put in place or dropped. */
import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '@merit/chassis/errors';
import { trouble } from '@merit/infra/trouble';
import type { Graph } from '../graph.client.js';
import { askEvents, doWithEvents, SERVICES, type Service } from './events.services.js';
import { counted, number } from './screen.js';

export interface Rebuild {
  readonly id: string;
  readonly model: string;
  readonly state: 'FILLING' | 'READY' | 'FAILED' | 'SWAPPED' | 'DROPPED';
  readonly partitionsDone: number;
  readonly partitions: number;
  readonly aggregates: number | null;
  readonly aggregatesInAll: number | null;
  readonly error: string | null;
  readonly startedAt: string;
  /** The moment of the answer, by the same clock. */
  readonly now: string;
  readonly requestedBy: string;
  readonly reason: string;
  readonly settledBy: string | null;
}
const REBUILD =
  'id model state partitionsDone partitions aggregates aggregatesInAll error startedAt requestedBy reason settledBy';

export interface Difference {
  readonly table: string;
  readonly onlyLive: number;
  readonly onlyRebuilt: number;
  readonly examples: readonly string[];
}

/** Which read model of which service. */
export interface Kept {
  readonly service: Service;
  readonly model: string;
}

export const isOpen = ({ state }: Rebuild): boolean => state !== 'SWAPPED' && state !== 'DROPPED';

/** The latest first. */
export async function rebuildsOf(graph: Graph, service: Service): Promise<readonly Rebuild[]> {
  const selection = `now rebuilds { ${REBUILD} }`;
  type Answer = { now: string; rebuilds: Omit<Rebuild, 'now'>[] };
  const { now, rebuilds } = await askEvents<Answer>(graph, service, selection);
  return rebuilds.map((each) => ({ ...each, now }));
}

/** Opens a rebuild. @returns its id; or the one that is open already. A failed one gives way by itself */
export async function begin(graph: Graph, { service, model }: Kept, reason: string): Promise<string | Rebuild> {
  const input = ['RebuildModelInput', { model, reason }] as const;
  try {
    const { rebuild } = await doWithEvents<{ rebuild: { id: string } }>(
      graph,
      service,
      'rebuild*Model',
      input,
      'rebuild { id }',
    );
    return rebuild.id;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'REBUILD_OPEN') throw error;
    const open = (await rebuildsOf(graph, service)).find((each) => each.model === model && isOpen(each));
    if (!open) throw error; // it has been finished since
    return open;
  }
}

/** Puts this rebuild in place, or drops it. @throws REBUILD_ANOTHER, REBUILD_NOT_FOUND when it is not the open one any more */
export const finish = (
  graph: Graph,
  { service, model }: Kept,
  input: { readonly id: string; readonly swap: boolean; readonly reason: string },
): Promise<unknown> =>
  doWithEvents(graph, service, 'finish*Rebuild', ['FinishRebuildInput', { model, ...input }], 'rebuild { id }');

/** Of a snapshot, on how many partitions it is complete; of the service's own, how many aggregates are in it. */
export function shareOf({ aggregates, aggregatesInAll, partitionsDone, partitions }: Rebuild): string {
  if (partitions > 0) return `${partitionsDone} of ${partitions} partitions`;
  const taken = aggregates ?? 0;
  return aggregatesInAll === null ? counted(taken, 'aggregate') : `${number(taken)} of ${number(aggregatesInAll)}`;
}

/** The same in full, for somebody who waits. */
function progressOf(rebuild: Rebuild): string {
  const taken = counted(rebuild.aggregates ?? 0, 'aggregate');
  if (rebuild.partitions > 0) return `${taken}, ${shareOf(rebuild)} complete`;
  return rebuild.aggregatesInAll === null ? taken : `${taken} of ${number(rebuild.aggregatesInAll)}`;
}

const LOOK_MS = 1_000;

/** The rebuild once it is complete; or why it never can be. @throws Trouble when it failed, or was ended by somebody else */
export async function filled(
  graph: Graph,
  { service, model }: Kept,
  id: string,
  say: (text: string) => void,
): Promise<Rebuild | { readonly never: string }> {
  for (let told = ''; ; ) {
    const found = (await rebuildsOf(graph, service)).find((each) => each.id === id);
    if (found?.state === 'READY') return found;
    if (found?.state !== 'FILLING') {
      const why = found?.error ?? (found?.settledBy ? `by ${found.settledBy}` : 'ask again');
      throw trouble(`The rebuild of ${model} in ${service} is ${found?.state ?? 'gone'}: ${why}`);
    }
    const never = await lackOf(graph, id);
    if (never !== null) return { never };
    const done = progressOf(found);
    if (done !== told) say(`${done} …`);
    told = done;
    await pause(LOOK_MS);
  }
}

/** What a rebuild's snapshot, which has the same id, left out: it never comes to its end then. Null when nothing. */
async function lackOf(graph: Graph, id: string): Promise<string | null> {
  for (const publisher of SERVICES) {
    const { snapshots } = await askEvents<{ snapshots: { id: string; tooLarge: number; endedAt: string | null }[] }>(
      graph,
      publisher,
      'snapshots { id tooLarge endedAt }',
    );
    const run = snapshots.find((each) => each.id === id);
    if (!run?.endedAt || run.tooLarge === 0) continue;
    return `${counted(run.tooLarge, 'aggregate')} of ${publisher} did not fit into a record (the log of ${publisher} names them)`;
  }
  return null;
}

/** The tables that differ: of large ones, it is asked for until it is known. */
export async function compared(graph: Graph, { service, model }: Kept, id: string): Promise<readonly Difference[]> {
  for (;;) {
    try {
      const { rebuildDifferences } = await askEvents<{ rebuildDifferences: Difference[] }>(
        graph,
        service,
        'rebuildDifferences(model: $model, id: $id) { table onlyLive onlyRebuilt examples }',
        { declared: '$model: String!, $id: ID!', values: { model, id } },
      );
      return rebuildDifferences.filter(({ onlyLive, onlyRebuilt }) => onlyLive + onlyRebuilt > 0);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'REBUILD_COMPARING') throw error;
    }
  }
}
