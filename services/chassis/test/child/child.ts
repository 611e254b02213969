import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

export interface Child {
  /** The lines that it has written so far. */
  readonly lines: readonly string[];
  readonly errors: () => string;
  /** Ends it without a chance to do anything more, and waits for that. */
  readonly kill: () => Promise<void>;
  /** Its exit code, once it has ended; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly signal: (signal: NodeJS.Signals) => void;
}

const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts a program of this folder as a process of its own. It ends with the test file at the latest. */
export function startChild(program: string, args: readonly string[], env: Record<string, string>): Child {
  const folder = import.meta.dirname;
  const command = ['--import', path.join(folder, 'typescript.mjs'), path.join(folder, program), ...args];
  const child = spawn(process.execPath, command, { env: { ...process.env, NODE_OPTIONS: '', ...env } });
  children.add(child);
  const lines: string[] = [];
  let unfinished = '';
  let errors = '';
  child.stdout.on('data', (text: Buffer) => {
    const parts = (unfinished + text).split('\n');
    unfinished = parts.pop() ?? '';
    lines.push(...parts);
  });
  child.stderr.on('data', (text: Buffer) => {
    errors += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    lines,
    errors: () => errors,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
      children.delete(child);
    },
    ended,
    signal: (signal) => void child.kill(signal),
  };
}
