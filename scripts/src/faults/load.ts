/** Work as an office does it, by a few clients at once: trainings, assignments, transfers, complaints. */
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@merit/infra/process';
import { type Chance, chanceOf } from '../seed/chance.js';
import { askPatiently, Refused } from './client.js';
import type { Ledger } from './ledger.js';
import { type Desk, type Op, opsOf } from './load.ops.js';
import type { World } from './world.js';

const CLIENTS = 6;
/** Of each client between two pieces of work, in milliseconds, so that two cores are not the bottleneck. */
const BREATH = { least: 10, most: 60 };
/** How long after its end the load waits for answers that are due. */
const ANSWERS_WITHIN_MS = 90_000;

export interface Load {
  /** How many mutations were answered so far. */
  readonly answered: () => number;
  /** How many have been asked and not answered at this moment. */
  readonly underWay: () => number;
  /** Answers that no client should have got, and mutations that were never answered. */
  readonly refusals: readonly string[];
  /** Begins nothing while the work is done, which waits for what was begun. */
  readonly rest: (work: () => Promise<void>) => Promise<void>;
  /** Begins nothing more, and answers when what was begun is answered. */
  readonly stop: () => Promise<void>;
}

/**
 * Begins to work. Which piece of work comes when follows from the seed and the fault's name alone; how they interleave
 * is the system's doing.
 */
export function startLoad(world: World, ledger: Ledger, desk: Desk, given: { seed: string; fault: string }): Load {
  const refusals: string[] = [];
  let answered = 0;
  let underWay = 0;
  let begun = 0;
  let resting: Promise<void> | undefined;
  let stopAt = Number.POSITIVE_INFINITY;
  let next = 0;

  const mutate = async (op: Op, n: number): Promise<void> => {
    let known: unknown;
    for (const [step, { query, input, read }] of op.steps.entries()) {
      const key = `${given.seed} ${given.fault} ${n} ${step}`;
      underWay += 1;
      const late = () => Date.now() > stopAt + ANSWERS_WITHIN_MS;
      const variables = { input: { ...input(known), idempotencyKey: keyOf(key) } };
      const answer = await askPatiently(world, query, variables, late).finally(() => {
        underWay -= 1;
      });
      known = read(answer.data, known, (told) => {
        ledger.write({ key, fault: given.fault, ...told, askedAt: answer.askedAt, at: answer.at });
      });
      answered += 1;
    }
  };
  const client = async () => {
    while (Date.now() < stopAt) {
      await resting;
      const n = next++;
      begun += 1;
      const chance = chanceOf(`${given.seed} ${given.fault} ${n}`);
      const op = opsOf(world, desk, chance);
      try {
        await mutate(op, n);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refusals.push(`${op.name}: ${error.message}`);
      } finally {
        op.done();
        begun -= 1;
      }
      await pause(breath(chance));
    }
  };
  const running = Promise.all(Array.from({ length: CLIENTS }, client));
  running.catch(() => undefined); // told by stop
  return {
    answered: () => answered,
    underWay: () => underWay,
    refusals,
    rest: async (work) => {
      resting = until(() => begun === 0, ANSWERS_WITHIN_MS).then(work);
      await resting.finally(() => {
        resting = undefined;
      });
    },
    stop: async () => {
      stopAt = Date.now();
      await running;
    },
  };
}

const breath = (chance: Chance): number => chance.between(BREATH.least, BREATH.most);

/** A key as an API takes it, the same for the same text: a UUID's shape, and no secret. */
function keyOf(text: string): string {
  const chance = chanceOf(text);
  const hex = Array.from({ length: 32 }, () => chance.between(0, 15).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
