/** One process of a service, alone. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { ROOT, SERVICE_HEAP_MB, type Service } from '../start.plan.js';

export interface Running {
  readonly pid: number;
  /** Of its HTTP server, without a path. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export interface ProcessOptions {
  readonly service: Service;
  /** `DATABASE_URL`, and `KAFKA_BROKERS` or `EVENT_LOG_URL`. */
  readonly env: Readonly<Record<string, string>>;
  /** Of its HTTP server, on the loopback address. */
  readonly port: number;
  /** Further arguments for Node, such as `--cpu-prof`. */
  readonly nodeArguments?: readonly string[];
}

/** Starts the process, with the heap that it has in `npm start`; it is there when it answers. */
export async function startProcess({ service, env, port, nodeArguments = [] }: ProcessOptions): Promise<Running> {
  const script = path.join(ROOT, 'services', service, 'dist', 'index.js');
  const child = spawn(process.execPath, [`--max-old-space-size=${SERVICE_HEAP_MB}`, ...nodeArguments, script], {
    env: { ...process.env, ...env, PORT: String(port), OIDC_ISSUER: 'http://127.0.0.1:9', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = `http://127.0.0.1:${port}`;
  const answers = async (): Promise<void> => {
    for (;;) {
      const response = await fetch(`${url}/health/live`).catch(() => null);
      if (response?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.race([
    answers(),
    ended.then((code) => Promise.reject(new Error(`The process ended with ${code} before it answered.`))),
  ]);
  return {
    pid: child.pid!,
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      process.off('exit', kill);
    },
  };
}
