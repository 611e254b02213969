/** `npm start`: the whole of Merit on this machine, until Ctrl-C. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { isTrouble, trouble } from '@merit/infra/trouble';
import { type MeritOptions, type RunningMerit, startMerit } from './processes.js';
import { endLeftOvers, takeLock } from './start.lock.js';
import { placesIn, ROOT } from './start.plan.js';
import { readSettings } from './start.settings.js';
import { describeRunning } from './start.text.js';

const USAGE = `npm start -- [--kafka] [--fresh [--yes]]
  --kafka   send events through a real Apache Kafka, started here (Java 17 or newer, and Maven)
  --fresh   delete the data and begin again, after asking; with --yes without
MERIT_PORT, MERIT_DATA, DATABASE_URL, KAFKA_BROKERS: see the README`;

const began = Date.now();
const say = (text: string) => console.log(text);
const step = (text: string) => say(`[${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s] ${text}`);
const warn = (text: string) => console.error(text);

/** Ctrl-C, a closed terminal, or a supervisor's wish: all end Merit in order. */
function onInterrupt(interrupt: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
}

async function main(interrupted: AbortSignal): Promise<void> {
  const flags = readFlags();
  const settings = readSettings(process.env);
  if (flags.fresh) await beginAgain(settings, flags.yes === true);
  const hooks = { signal: interrupted, onProgress: step, onTrouble: warn };
  const merit = await startMerit({ ...settings, ...hooks, kafka: flags.kafka === true });
  try {
    await seedIfEmpty(settings, interrupted);
    say(describeRunning(merit, settings));
    if (!interrupted.aborted) await once(interrupted, 'abort');
  } finally {
    await stopInSight(merit);
  }
}

function readFlags(): { kafka?: boolean; fresh?: boolean; yes?: boolean } {
  const options = { kafka: { type: 'boolean' }, fresh: { type: 'boolean' }, yes: { type: 'boolean' } } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw trouble(`${(error as Error).message}\n\n${USAGE}`);
  }
}

/** Deletes what earlier starts made in the data folder, and nothing else that may be there. */
async function beginAgain({ dataDir, port, databaseUrl, databaseUrls }: MeritOptions, sure: boolean): Promise<void> {
  if (databaseUrl || databaseUrls) {
    throw trouble('--fresh deletes the embedded database only: drop the databases of your own server yourself.');
  }
  if (!existsSync(dataDir)) return;
  if (!sure && !(await confirm(`This deletes all of Merit's data in ${dataDir}. Type yes to go on: `))) {
    throw trouble('Nothing was deleted.');
  }
  const unlock = takeLock(dataDir, port);
  await endLeftOvers(dataDir, true);
  for (const place of Object.values(placesIn(dataDir))) rmSync(place, { recursive: true, force: true });
  unlock();
}

async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw trouble('--fresh asks first, and nobody is here to answer: add --yes.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  terminal.once('SIGINT', () => process.exit(130)); // nothing has been started yet
  const answer = await terminal.question(question);
  terminal.close();
  return answer.trim().toLowerCase() === 'yes';
}

/** The seed writes the people's file last, so that one that was cut short is taken up again. */
async function seedIfEmpty({ dataDir, port }: MeritOptions, interrupted: AbortSignal): Promise<void> {
  if (existsSync(placesIn(dataDir).people)) return;
  step('filling the empty system with sample data');
  const code = await new Promise<number | null>((resolve) => {
    const env = { ...process.env, MERIT_PORT: String(port), MERIT_DATA: dataDir };
    const seed = spawn(process.execPath, [path.join(ROOT, 'scripts', 'dist', 'seed.js')], { env, stdio: 'inherit' });
    interrupted.addEventListener('abort', () => seed.kill());
    seed.once('error', () => resolve(1));
    seed.once('exit', resolve);
  });
  interrupted.throwIfAborted();
  if (code !== 0) {
    throw trouble('The sample data could not be written, see above; the next npm start goes on with it.');
  }
}

async function stopInSight(merit: RunningMerit): Promise<void> {
  say('\nstopping: the gateway, the services, then the database …');
  // A second Ctrl-C some time after the first one says that its sender has waited enough.
  const since = Date.now();
  onInterrupt(() => {
    if (Date.now() - since < 2_000) return;
    for (const pid of Object.values(merit.processes())) process.kill(pid, 'SIGKILL');
  });
  await merit.stop();
  say('Merit has stopped.');
}

const interruption = new AbortController();
onInterrupt(() => interruption.abort());
// A closed terminal cannot be written to, and that must not end the orderly stop.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

main(interruption.signal).then(
  () => process.exit(0),
  (error) => {
    if (interruption.signal.aborted) process.exit(0);
    warn(isTrouble(error) ? error.message : String(error?.stack ?? error));
    process.exit(1);
  },
);
