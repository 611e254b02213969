/** A program of Node that answers HTTP, alone, for as long as somebody compares with it. */
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

export interface Child {
  readonly pid: number;
  /** Of its HTTP server, without a path. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export interface ChildOptions {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Where it will listen, on the loopback address. */
  readonly port: number;
}

/**
 * Starts it with `PORT` and `HOST`; it is there when it answers anything at all.
 * @throws when it ends before that, with the last of what it said
 */
export async function startChild({ command: [program, ...args], env, port }: ChildOptions): Promise<Child> {
  const child = spawn(program, args, {
    env: { ...process.env, ...env, PORT: String(port), HOST: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const hear = (text: Buffer) => {
    said = (said + text).slice(-2_000);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const end = (cause?: Error) => {
      if (cause) said += cause.message;
      over = true;
      process.off('exit', kill);
      resolve();
    };
    child.once('exit', () => end());
    child.once('error', end);
  });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (await answers(url)) break;
    if (over) throw new Error(`${args.at(-1) ?? program} ended before it answered:\n${said}`);
    await pause(50);
  }
  return {
    pid: child.pid!,
    url,
    stop: async () => {
      child.kill('SIGTERM');
      const hard = setTimeout(kill, 10_000);
      await ended;
      clearTimeout(hard);
    },
  };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    async (response) => {
      await response.arrayBuffer();
      return true;
    },
    () => false,
  );
