/** Work as an office does it, by a few clients at once: trainings, assignments, transfers, complaints. */
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@merit/infra/process';
import { type Chance, chanceOf } from '../seed/chance.js';
import { type Answered, askPatiently, Refused } from './client.js';
import type { Ledger } from './ledger.js';
import type { Desk } from './ops.desk.js';
import { opsOf } from './ops.js';
import type { Op, Step } from './ops.step.js';
import type { World } from './world.js';

const CLIENTS = 6;
/** Of each client between two pieces of work, in milliseconds, so that two cores are not the bottleneck. */
const BREATH = { least: 10, most: 60 };
/** So many of 1 are asked once more after their answer, with the same key: as by a client that did not get it. */
const REPEATED = 0.25;
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

  const ask = async ({ query }: Step, input: Record<string, unknown>): Promise<Answered> => {
    underWay += 1;
    const late = () => Date.now() > stopAt + ANSWERS_WITHIN_MS;
    return askPatiently(world, query, { input }, late).finally(() => {
      underWay -= 1;
    });
  };
  const mutate = async ({ steps }: Op, n: number, chance: Chance): Promise<void> => {
    let known = '';
    for (const [number, step] of steps.entries()) {
      const key = `${given.seed} ${given.fault} ${n} ${number}`;
      const input = { ...step.input(known), idempotencyKey: keyOf(key) };
      const { event } = step;
      const asked = event && { key, fault: given.fault, service: event.service, type: event.type };
      const answer = await ask(step, input).catch((error) => {
        if (asked) ledger.leave(asked);
        throw error;
      });
      known = step.read(answer.data, known);
      if (asked) ledger.write({ ...asked, ...event.of(known), askedAt: answer.askedAt, at: answer.at });
      answered += 1;
      if (chance.isTrue(REPEATED)) compare(answer, await ask(step, input));
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
        await mutate(op, n, chance);
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

/** @throws Refused when the same key was answered in two ways */
function compare(first: Answered, again: Answered): void {
  const [one, other] = [JSON.stringify(first.data), JSON.stringify(again.data)];
  if (one !== other) throw new Refused(`the same key was answered ${one}, and then ${other}`);
}

const breath = (chance: Chance): number => chance.between(BREATH.least, BREATH.most);

/** A key as an API takes it, the same for the same text: a UUID's shape, and no secret. */
function keyOf(text: string): string {
  const chance = chanceOf(text);
  const hex = Array.from({ length: 32 }, () => chance.between(0, 15).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
