/** A run: one world, one fault after another under load, and at the end the comparison of everything with everything. */
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@merit/infra/process';
import { chanceOf } from '../seed/chance.js';
import type { Service } from '../start.plan.js';
import type { Finding } from './checker.finding.js';
import { check, type Window } from './checker.js';
import { collect, type Published, rebuild } from './evidence.js';
import type { Fault, Scene } from './fault.js';
import { isNotReached } from './faults.point.js';
import { openLedger } from './ledger.js';
import { startLoad } from './load.js';
import { newDesk } from './ops.desk.js';
import { openSession } from './ops.training.js';
import { PATHS, startWatch } from './reflect.js';
import { settle } from './settle.js';
import { type Round, type Row, rowsOf } from './table.js';
import type { World } from './world.js';

export interface RunOptions {
  readonly seed: string;
  readonly faults: readonly Fault[];
  readonly short: boolean;
  /** How long what is missing is waited for before it counts as lost, in milliseconds; a minute unless told. */
  readonly patienceMs?: number;
  readonly say: (text: string) => void;
}

export interface Outcome {
  readonly rows: readonly Row[];
  readonly findings: readonly Finding[];
  /** Whatever else was wrong, in words. */
  readonly wrongs: readonly string[];
}

/** Answers before the fault strikes, and how long the work goes on after it. */
const BEFORE = { answers: 40, withinMs: 30_000 };
const AFTER_MS = 3_000;
const TRIES = 3;

export async function run(world: World, options: RunOptions): Promise<Outcome> {
  const { seed, faults, short, say, patienceMs = 60_000 } = options;
  const wrongs: string[] = [];
  const ledger = openLedger(path.join(world.folder, 'ledger.jsonl'));
  const watch = startWatch(world);
  const noting = {
    ...ledger,
    write: (answer: Parameters<typeof ledger.write>[0]) => {
      ledger.write(answer);
      watch.note(answer);
    },
  };
  const desk = newDesk();
  const windows: Window[] = [];
  const rounds: Round[] = [];
  const earlier: Published[] = [];
  try {
    for (const fault of faults) {
      const missing = fault.missing?.(world) ?? null;
      if (missing !== null) {
        rounds.push({ fault: fault.name, endedAt: 0, refusals: [], notRun: missing });
        continue;
      }
      say(fault.name);
      if (desk.places.length < world.people.length) await openSession(world.graph, world, desk);
      const disorders = fault.disorders ?? false;
      windows.push({ fault: fault.name, from: Date.now(), disorders });
      const load = startLoad(world, noting, desk, { seed, fault: fault.name });
      await until(() => load.answered() >= BEFORE.answers, BEFORE.withinMs);
      const chance = chanceOf(`${seed} ${fault.name}`);
      await pause(chance.between(0, 500));
      const keep = (published: readonly Published[]) => void earlier.push(...published);
      await strike(fault, { world, load, chance, keep, short }).catch((error: Error) => {
        wrongs.push(`${fault.name} could not be brought about: ${error.message}`);
      });
      const endedAt = Date.now();
      const before = loadPerCore();
      await pause(AFTER_MS);
      // Without one there would be nothing to recover.
      const since = (path: Service) => watch.all().some(({ service, at }) => service === path && at >= endedAt);
      await until(() => PATHS.every(since), patienceMs);
      await load.stop();
      await until(() => watch.outstanding() === 0, patienceMs);
      const busy = Math.max(before, loadPerCore());
      rounds.push({ fault: fault.name, endedAt, refusals: load.refusals, goalMs: fault.goalMs, load: busy });
    }
    const compare = async () => check(ledger.all(), await collect(world, earlier), windows);
    const findings = await settle(compare, patienceMs);
    const different = await rebuild(world);
    if (different > 0) wrongs.push(`${different} scores differ from those rebuilt from their facts`);
    wrongs.push(...rounds.flatMap(({ fault, refusals }) => refusals.slice(0, 3).map((text) => `${fault}: ${text}`)));
    return { rows: rowsOf(rounds, ledger.all().acknowledged, findings, watch.all()), findings, wrongs };
  } finally {
    await watch.stop();
    ledger.close();
  }
}

/** Of the last minute: how many wanted a core, for each that there is. */
const loadPerCore = (): number => loadavg()[0]! / availableParallelism();

/** Once more, twice at most, when the work never came to the point at which the fault strikes. */
async function strike(fault: Fault, scene: Scene): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await fault.strike(scene);
    } catch (error) {
      if (tries === TRIES || !isNotReached(error as Error)) throw error;
    }
  }
}
