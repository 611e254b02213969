/** What a command of `npm run merit` is, and how one is found by what a person typed. */
import type { ParseArgsConfig } from 'node:util';
import { trouble } from '@merit/infra/trouble';
import type { Graph } from '../graph.client.js';
import { nearest } from '../token.nearest.js';

export interface Command {
  /** As it is typed: `events show`. */
  readonly name: string;
  /** What follows the name: `<id>`; empty where nothing does. */
  readonly parameters: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** What `--help` says beside that: options of its own, a line each, and what its exit codes mean. */
  readonly help: string;
  /** Its own options, beside those that all commands have. */
  readonly options?: NonNullable<ParseArgsConfig['options']>;
  /** @returns the exit code: 0 fine, 1 something is wrong or differs. @throws {@link misuse} for 2 */
  readonly run: (call: Call) => Promise<number>;
}

/** How a command was called. */
export interface Call {
  /** What stood after the name. */
  readonly parameters: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  /** One line of JSON is wanted, and nothing else on standard output. */
  readonly json: boolean;
  /** The graph, signed in at the first call. */
  readonly graph: () => Promise<Graph>;
}

/** The command was not given as it must be: the process ends with 2. */
export const misuse = (sentence: string): Error => Object.assign(trouble(sentence), { exitCode: 2 });

/** The command that these words begin with, and what follows its name. @throws misuse, naming those it may have meant */
export function findCommand(commands: readonly Command[], words: readonly string[]): [Command, readonly string[]] {
  const found = commands.find(({ name }) => words.slice(0, name.split(' ').length).join(' ') === name);
  if (found) return [found, words.slice(found.name.split(' ').length)];
  const typed = words.slice(0, 2).join(' ');
  const near = nearest(
    typed,
    commands.map(({ name }) => name),
  );
  const advice = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'npm run merit -- --help lists them.';
  throw misuse(`There is no command "${typed}": ${advice}`);
}

/** The list of all commands, one a line. */
export function listCommands(commands: readonly Command[]): string {
  const typed = commands.map(({ name, parameters }) => [name, parameters].filter(Boolean).join(' '));
  const width = Math.max(...typed.map((text) => text.length));
  return commands.map(({ summary }, n) => `  ${typed[n]!.padEnd(width)}  ${summary}`).join('\n');
}
