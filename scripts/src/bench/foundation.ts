/**
 * `npm run bench:foundation`: what the foundation promises, measured on this machine, each figure beside a baseline of
 * the same run. Prints a table and writes JSON. `--kafka` measures with a real broker, `--records N` sizes the import.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { connectGraph } from '../graph.client.js';
import { placesIn, ROOT } from '../start.plan.js';
import { askToken } from '../token.ask.js';
import { bareInsert, bareStart } from './baselines.js';
import { mib, ratio } from './figure.js';
import { type Quantiles, scoreLatencies } from './latency.js';
import { machine, writeReport } from './machine.js';
import { memoryOf, processesBelow, watchPeak } from './memory.js';
import { trainingTable } from './table.js';

const { values: flags } = parseArgs({
  options: { kafka: { type: 'boolean', default: false }, records: { type: 'string', default: '100000' } },
});
const records = Number(flags.records);
const port = 4700;
const folder = mkdtempSync(path.join(tmpdir(), 'merit-bench-'));
const dataDir = path.join(folder, 'data');
const env = { ...process.env, MERIT_PORT: String(port), MERIT_DATA: dataDir };
const gateway = `http://localhost:${port}`;
const issuer = `http://localhost:${port + 5}`;

interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly baseline: string;
  readonly ratio: string;
  readonly goal: string;
}
const figures: Figure[] = [];
const add = (figure: Figure) => {
  figures.push(figure);
  console.log(`  ${figure.what}: ${figure.measured} (${figure.baseline}; ratio ${figure.ratio}; goal ${figure.goal})`);
};
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** Starts all of Merit, and resolves when its last line says that it is ready. */
async function start(): Promise<{ readonly ms: number; readonly pid: number; readonly stop: () => Promise<void> }> {
  const began = performance.now();
  const args = [path.join(ROOT, 'scripts/dist/start.js'), ...(flags.kafka ? ['--kafka'] : [])];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The start ended with ${code}:\n${said}`)));
    child.stdout.on('data', (text) => {
      said += text;
      if (said.includes('Merit is ready at')) resolve();
    });
  });
  const stop = async () => {
    child.kill('SIGINT');
    await ended;
  };
  return { ms: performance.now() - began, pid: child.pid!, stop };
}

async function measure(): Promise<void> {
  const bare = await bareStart(path.join(folder, 'bare'), port + 20);
  const first = await start();
  add({
    what: 'first start, with the seed of about 2,000 people',
    measured: seconds(first.ms),
    baseline: `a bare PostgreSQL, made and started: ${seconds(bare.ms)}`,
    ratio: ratio(first.ms, bare.ms),
    goal: 'none',
  });
  const resident = memoryOf(processesBelow(first.pid, dataDir));
  const idle = memoryOf([process.pid]);
  add({
    what: 'memory of all processes after seeding',
    measured: mib(resident),
    baseline: `this process of Node: ${mib(idle)}`,
    ratio: ratio(resident, idle),
    goal: '< 1536 MiB',
  });

  const officer = connectGraph(gateway, await askToken(issuer, 'hr'));
  const { moved, asking } = await scoreLatencies(
    { officer, gatewayUrl: gateway, issuer, places: placesIn(dataDir) },
    100,
  );
  const shown = ({ p50, p99 }: Quantiles) => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  add({
    what: 'training completed (answered) → score readable through the gateway',
    measured: shown(moved),
    baseline: `a query of one's own name: ${shown(asking)}`,
    ratio: `${ratio(moved.p50, asking.p50)}, ${ratio(moved.p99, asking.p99)}`,
    goal: '< 1 s',
  });

  const inserted = await bareInsert(bare.url, records);
  const small = await importTable(Math.max(1_000, records / 10), 'S');
  const large = await importTable(records, 'L');
  add({
    what: `import of ${records} training records, validated and written`,
    measured: seconds(large.ms),
    baseline: `the same rows into a bare table, a thousand at a time: ${seconds(inserted)}`,
    ratio: ratio(large.ms, inserted),
    goal: '< 60 s for 100,000',
  });
  add({
    what: 'peak memory of that import',
    measured: mib(large.peak),
    baseline: `with a tenth of the records: ${mib(small.peak)}`,
    ratio: ratio(large.peak, small.peak),
    goal: 'flat',
  });
  await officer.close();

  await first.stop();
  const second = await start();
  add({
    what: 'second start',
    measured: seconds(second.ms),
    baseline: `a bare PostgreSQL, made and started: ${seconds(bare.ms)}`,
    ratio: ratio(second.ms, bare.ms),
    goal: '< 10 s',
  });
  await second.stop();
  await bare.stop();
}

/** Runs the import as a person would; how long it took, and the most memory that it had. */
async function importTable(count: number, series: string) {
  const file = path.join(folder, `training-${series}.csv`);
  await trainingTable({ file, count, series });
  const began = performance.now();
  const args = [path.join(ROOT, 'scripts/dist/import.js'), 'training', file, '--as', 'hr'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const peak = watchPeak(child.pid!);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`The import ended with ${code}.`);
  return { ms: performance.now() - began, peak: peak() };
}

try {
  await measure();
  const report = { at: new Date().toISOString(), machine: machine(), kafka: flags.kafka, figures };
  const name = writeReport(`foundation${flags.kafka ? '-kafka' : ''}`, report);
  console.log(`\n| What | Measured | Baseline | Ratio | Goal |\n|---|---|---|---|---|`);
  for (const row of figures)
    console.log(`| ${row.what} | ${row.measured} | ${row.baseline} | ${row.ratio} | ${row.goal} |`);
  console.log(`\n${name} written.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
