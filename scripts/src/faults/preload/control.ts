/** What the suite tells a running process to do: a small file for each process, looked at where it matters. */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Chance, chanceOf } from '../../seed/chance.js';

/** A place in the code at which a process can be made to end, or to stop until it is woken. */
export type Point = 'before-publish' | 'before-mark' | 'before-commit' | 'after-commit';

/** What happens to records on their way to the log. */
export type Damage = 'duplicate' | 'reorder' | 'delay' | 'values';

export interface Control {
  /** How far the wall clock is off, in milliseconds. */
  readonly clockMs?: number | undefined;
  /** Each is done once. */
  readonly points?: Readonly<Partial<Record<Point, 'SIGKILL' | 'SIGSTOP'>>> | undefined;
  readonly damage?: Damage | undefined;
  /** The longest that a transaction waits between its last write and its commit, in milliseconds. */
  readonly slowCommitMs?: number | undefined;
}

const fileOf = (folder: string, name: string): string => path.join(folder, `${name}.json`);

/** Tells a process what to do from now on, beside what it was told before; what is given as undefined ends. */
export const addControl = (folder: string, name: string, control: Control): void =>
  writeControl(folder, name, { ...readControl(folder, name), ...control });

/** Written beside and moved, so that nobody reads half of it. */
function writeControl(folder: string, name: string, control: Control): void {
  const file = fileOf(folder, name);
  writeFileSync(`${file}.new`, JSON.stringify(control));
  renameSync(`${file}.new`, file);
}

/** What a process was told last. */
function readControl(folder: string, name: string): Control {
  try {
    return JSON.parse(readFileSync(fileOf(folder, name), 'utf8')) as Control;
  } catch {
    return {};
  }
}

export const variant: string | undefined = process.env['MERIT_FAULTS_VARIANT'];
const FOLDER = process.env['MERIT_FAULTS'] ?? '';
const NAME = process.env['MERIT_FAULTS_NAME'] ?? '';
const SEED = process.env['MERIT_FAULTS_SEED'] ?? '';

/**
 * Falls in each process the same way for the same seed: which of its records, by their count, are hit, and how. Not by their
 * ids, which are new in each run.
 */
export const chanceIn = (what: string): Chance => chanceOf(`${SEED} ${NAME} ${what}`);

let known: { readonly control: Control; readonly at: number } = { control: {}, at: 0 };

/** For this process. */
export function controlOf(): Control {
  const at = statSync(fileOf(FOLDER, NAME), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (at !== known.at) known = { control: readControl(FOLDER, NAME), at };
  return known.control;
}

/** The process ends or stops here, if it was told so. */
export function reach(point: Point): void {
  const signal = controlOf().points?.[point];
  if (!signal) return;
  const { [point]: _, ...points } = controlOf().points!;
  writeControl(FOLDER, NAME, { ...controlOf(), points });
  process.kill(process.pid, signal);
}
