/** A Node process of Merit's: started in a process group of its own, its output in a file, ready when it says so. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { requireFreePort, stopper, until, whenEnded } from '@merit/infra/process';
import { trouble } from '@merit/infra/trouble';
import { type NodeProcess, placesIn, ROOT } from './start.plan.js';
import type { Launch, Launched } from './start.supervisor.js';

/** A service may take 25 s for its orderly end (see the chassis). Milliseconds. */
const PATIENCE = [
  { signal: 'SIGTERM', waitMs: 28_000 },
  { signal: 'SIGKILL', waitMs: 2_000 },
] as const;

/** The first start on a slow machine creates every table. */
const READY_WITHIN_MS = 120_000;

export const logFileOf = (dataDir: string, name: string): string => path.join(placesIn(dataDir).logs, `${name}.log`);

/** How to start this process, again and again. */
export const launchNode =
  (spec: NodeProcess, dataDir: string): Launch =>
  async (signal) => {
    signal.throwIfAborted();
    await requireFreePort(spec.port, spec.name);
    const logStart = statSync(logFileOf(dataDir, spec.name), { throwIfNoEntry: false })?.size ?? 0;
    const child = spawnNode(spec, dataDir);
    const pid = child.pid ?? 0;
    const pidFile = path.join(placesIn(dataDir).pids, spec.name);
    mkdirSync(path.dirname(pidFile), { recursive: true });
    writeFileSync(pidFile, `${pid}\n${spec.script}\n`);
    let gone = false;
    const ended = whenEnded(pid, child).then(() => {
      gone = true;
    });
    const launched: Launched = { pid, ended, stop: stopper(pid, ended, PATIENCE) };
    let missing: string | undefined = '';
    const settled = async () => {
      missing = await whatIsMissing(spec.port);
      return missing === undefined || gone || signal.aborted;
    };
    await until(settled, READY_WITHIN_MS);
    if (missing === undefined && !gone) return launched;
    await launched.stop();
    const log = readFileSync(logFileOf(dataDir, spec.name), 'utf8').slice(logStart);
    throw trouble(
      gone && !signal.aborted
        ? `${spec.name} ended at its start (${logFileOf(dataDir, spec.name)}):\n${lastLines(log)}`
        : `${spec.name} was not ready in time: ${missing} (${logFileOf(dataDir, spec.name)})`,
    );
  };

function spawnNode(spec: NodeProcess, dataDir: string) {
  const log = openSync(logFileOf(dataDir, spec.name), 'a');
  const child = spawn(process.execPath, [`--max-old-space-size=${spec.heapMb}`, ...(spec.args ?? []), spec.script], {
    cwd: ROOT,
    // What is set for us may be for us alone, as a test runner's flags are.
    env: { ...process.env, NODE_OPTIONS: '', ...spec.env },
    // A file, not a pipe: a process whose reader was killed would fall over its own log.
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  return child;
}

/** Why the process on this port is not ready, in its own words; undefined when it is. */
async function whatIsMissing(port: number): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    const body = await response.text();
    return response.ok ? undefined : body.slice(0, 300);
  } catch {
    return 'it does not answer';
  }
}

/** The end of a log: what the entries say, and lines that are no entries, without the places in the code. */
const lastLines = (log: string): string =>
  log
    .split('\n')
    .filter((line) => !/^\s*(at |\.\.\. \d+ lines matching|Node\.js v|[{}]?\s*$)/.test(line))
    .slice(-8)
    .map(readLine)
    .join('\n');

function readLine(line: string): string {
  const entry = parseEntry(line);
  return entry ? `  ${entry.text}` : `  ${line}`;
}

/** An entry as pino writes it; undefined for any other line. `level` is 30 for info, 50 for error. */
export function parseEntry(line: string): { level: number; text: string } | undefined {
  try {
    const { level, msg, err } = JSON.parse(line) as { level?: number; msg?: string; err?: { message?: string } };
    if (typeof level !== 'number') return undefined;
    return { level, text: [msg, err?.message].filter(Boolean).join(': ') };
  } catch {
    return undefined;
  }
}
