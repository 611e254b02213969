/**
 * `npm run bench:gateway`: Merit's gateway beside others and beside the limits, each in turn on the same services, in one
 * run. Prints a table and writes JSON. `--people N` (20,000), `--seconds N` a load (5), `--only person,team` some
 * documents by the beginning of their names, `--data folder` keeps the people for another run, `--large` measures p99
 * also among 4,700,000, `--quick` shows that it works and measures nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startWorld } from './events.world.js';
import { byHand, bytes, type Contender, hiveGateway, hiveRouter, merit, stock } from './gateway.contenders.js';
import { type Document, documentsFor } from './gateway.documents.js';
import { freshness } from './gateway.fresh.js';
import { growth } from './gateway.large.js';
import { startLoadProcess } from './gateway.load.js';
import { answerable, difference, type Measured, measure } from './gateway.measure.js';
import { growTo } from './gateway.people.js';
import { findSubjects } from './gateway.subjects.js';
import { type Row, tableOf } from './gateway.table.js';
import { makeTeams } from './gateway.teams.js';
import { stopOnInterrupt } from './interrupt.js';
import { machine, writeReport } from './machine.js';

const { values: flags } = parseArgs({
  options: {
    people: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string' },
    data: { type: 'string' },
    port: { type: 'string', default: '4700' },
    'hive-router': { type: 'string' },
    large: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});
const CONNECTIONS = 8;
/** Of what the stock gateway can do at most, so that nobody is behind. */
const CALM = 0.5;
const seconds = flags.quick ? 0.5 : Number(flags.seconds);
const folder = mkdtempSync(path.join(tmpdir(), 'merit-bench-'));
const dataDir = flags.data ?? path.join(folder, 'data');
const before = machine();
const began = Date.now();
const say = (text: string) => console.log(`${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  ${text}`);

// The public is known by its address: the load says whose it is, as a proxy would.
const beside = (name: string) => ({
  args: [],
  env: (name === 'gateway' ? { TRUSTED_PROXIES: '127.0.0.0/8' } : {}) as Record<string, string>,
});
const world = { ...(await startWorld(dataDir, Number(flags.port), false, { beside })), dataDir };
const loader = startLoadProcess();
const contenders: Contender[] = [];
let stopping: Promise<void> | undefined;
const stop = () => {
  stopping ??= stopAll();
  return stopping;
};
const stopAll = async () => {
  loader.stop();
  await Promise.all(contenders.map((each) => each.stop()));
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
};
const forget = stopOnInterrupt(stop);
try {
  await run();
} finally {
  forget();
  await stop();
}

async function run(): Promise<void> {
  await makeTeams(world.merit.databases);
  const people = flags.quick ? 0 : await growTo(world.merit.databases, Number(flags.people));
  say(`${people || 'the sample’s'} people`);
  const subjects = await findSubjects(world, flags.quick ? 16 : 256);
  const only = flags.only?.split(',');
  const wanted = documentsFor(subjects).filter(({ name }) => !only || only.some((word) => name.startsWith(word)));
  const ours = merit(world);
  contenders.push(ours, await stock(world), await hiveGateway(world));
  const router = await hiveRouter(world, flags['hive-router']);
  if (router) contenders.push(router);
  else say('Hive Router is not found in the PATH, nor named by --hive-router: it is left out');
  contenders.push(await byHand(world));
  const rows: Row[] = [];
  const wrong: string[] = [];
  for (const found of wanted) {
    const document = await answerable(ours, found);
    if (document.known) contenders.push(await bytes(world, document, folder));
    rows.push(...(await all(document, wrong)));
  }
  const fresh = await freshness(world, flags.quick ? 5 : 200);
  const { p50, p99 } = fresh.answered;
  say(
    `a public page after a change: ${p50.toFixed(1)} ms (p50), ${p99.toFixed(1)} ms (p99) after the change was answered`,
  );
  const large = flags.large ? await growth(world, loader, contenders[0]!, say) : null;
  const report = {
    at: new Date(began).toISOString(),
    people,
    quick: flags.quick,
    machine: before,
    rows,
    wrong,
    fresh,
    large,
  };
  const file = writeReport('gateway', report);
  console.log(`\n${tableOf(rows)}\n${file} written, after ${Math.round((Date.now() - began) / 1000)} s.`);
}

/** All contenders with one document: whose answers are right goes as fast as it can, then all as calmly as each other. */
async function all(document: Document, wrong: string[]): Promise<Row[]> {
  const able: Contender[] = [];
  for (const contender of contenders.filter(({ answers }) => answers(document))) {
    const not = document.changes ? null : await difference(contenders[0]!, contender, document, flags.quick ? 4 : 24);
    if (not === null) able.push(contender);
    else {
      wrong.push(`${contender.name}, ${document.name}: ${not}`);
      say(`${contender.name} answers "${document.name}" wrongly and is not measured: ${not}`);
    }
  }
  const fast = new Map<Contender, Measured>();
  for (const contender of able) {
    await measure(world, loader, contender, document, { connections: CONNECTIONS, seconds: seconds / 2, rate: null });
    const load = { connections: CONNECTIONS, seconds, rate: null };
    fast.set(contender, await measure(world, loader, contender, document, load));
  }
  const reference = able.find(({ name }) => name.startsWith('stock')) ?? able[0]!;
  const rate = Math.max(1, CALM * fast.get(reference)!.perSecond);
  const rows: Row[] = [];
  for (const contender of able) {
    const load = { connections: 64, seconds, rate };
    const calm = await measure(world, loader, contender, document, load);
    rows.push({ document: document.name, contender: contender.name, closed: fast.get(contender)!, rate, open: calm });
    const { perSecond, cpu, failed, failure } = fast.get(contender)!;
    const lost = failed + calm.failed;
    say(
      `${document.name}, ${contender.name}: ${perSecond.toFixed(0)}/s, p99 ${calm.p99.toFixed(1)} ms at ${rate.toFixed(0)}/s, ` +
        `CPU ${cpu.gateway.toFixed(2)} + ${cpu.services.toFixed(2)} + ${cpu.database.toFixed(2)} ms` +
        (lost > 0 ? `; ${lost} FAILED: ${failure ?? calm.failure}` : ''),
    );
  }
  return rows;
}
