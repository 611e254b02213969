/** The whole of Merit with its sample data, for figures that are taken from outside. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connectGraph, type Graph } from '../graph.client.js';
import { type MeritOptions, type RunningMerit, startMerit } from '../processes.js';
import { placesIn, ROOT } from '../start.plan.js';
import { askToken } from '../token.ask.js';
import { stopOnInterrupt } from './interrupt.js';

export interface World {
  readonly merit: RunningMerit;
  readonly places: ReturnType<typeof placesIn>;
  /** The personnel officer of the agency in which trainings are completed. */
  readonly officer: Graph;
  readonly token: string;
  readonly stop: () => Promise<void>;
}

/** Starts it on ports from `port` on, and fills it. */
export async function startWorld(
  dataDir: string,
  port: number,
  kafka: boolean,
  more: Pick<MeritOptions, 'beside'> = {},
): Promise<World> {
  const merit = await startMerit({ port, dataDir, kafka, logLevel: 'warn', ...more });
  const forget = stopOnInterrupt(merit.stop);
  try {
    await fill(dataDir, port);
    const token = await askToken(merit.urls.identity, 'hr');
    const officer = connectGraph(merit.gatewayUrl, token);
    const stop = async () => {
      forget();
      // A request that died with a process keeps it open for ever: nobody waits for it.
      void officer.close();
      await merit.stop();
    };
    return { merit, places: placesIn(dataDir), officer, token, stop };
  } catch (error) {
    forget();
    await merit.stop();
    throw error;
  }
}

async function fill(dataDir: string, port: number): Promise<void> {
  const env = { ...process.env, MERIT_PORT: String(port), MERIT_DATA: dataDir };
  const seed = spawn(process.execPath, [path.join(ROOT, 'scripts', 'dist', 'seed.js')], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise<number | null>((resolve) => seed.once('exit', resolve));
  if (code !== 0) throw new Error(`The sample data could not be written: ${code}.`);
}

export const exampleIn = ({ places }: Pick<World, 'places'>): { readonly employee: string; readonly agency: string } =>
  JSON.parse(readFileSync(places.examples, 'utf8'));
