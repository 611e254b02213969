/**
 * `npm run test:faults`: faults upon real processes under load, and the proof that nothing promised was broken. Exits 1
 * when something was, or when the suite has missed what is broken on purpose.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { kafkaAvailable } from '@merit/infra/kafka/java';
import type { Fault } from './fault.js';
import { brokerFaults } from './faults.broker.js';
import { faults } from './faults.js';
import { type Proof, proofMarkdown, proofText, prove } from './proof.js';
import { type Outcome, run } from './run.js';
import { isBad, markdownOf, textOf } from './table.js';
import { variants } from './variants.js';
import { startWorld, type World } from './world.js';

const { values: given } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    variant: { type: 'string' },
    short: { type: 'boolean', default: false },
    kafka: { type: 'boolean', default: false },
    brokers: { type: 'string' },
    markdown: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const { seed, short } = given;
const say = (text: string) => console.error(`  ${new Date().toISOString().slice(11, 19)}  ${text}`);
const folder = mkdtempSync(path.join(tmpdir(), 'merit-faults-'));
console.error(`seed ${seed}; the ledger and the logs are in ${folder}`);

// The end of a process is waited for without keeping this one awake.
const awake = setInterval(() => undefined, 1_000);
let outcome: Outcome | undefined;
const proofs: Proof[] = [];
const worlds: World[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    for (const world of worlds) await world.stop();
    process.exit(1);
  });
}
try {
  if (given.variant === undefined) outcome = await strike();
  if (given.only === undefined) await proveAll();
} finally {
  clearInterval(awake);
  if (!given.keep) rmSync(folder, { recursive: true, force: true });
}
report();

/** Each fault in turn: all on one world, and those of brokers on one that has three, unless a transport was named. */
async function strike(): Promise<Outcome> {
  const chosen = faults.filter(({ name, short: inShort = false }) =>
    given.only === undefined ? !short || inShort : given.only.split(',').some((part) => name.includes(part)),
  );
  const named = given.kafka || given.brokers !== undefined || !kafkaAvailable().ok;
  if (named) return strikeOn('world', chosen, given.brokers ? Number(given.brokers) : undefined);
  const onBrokers = chosen.filter((fault) => brokerFaults.includes(fault));
  const onLog = chosen.filter((fault) => !brokerFaults.includes(fault));
  const outcomes = [
    ...(onLog.length > 0 ? [await strikeOn('world', onLog)] : []),
    ...(onBrokers.length > 0 ? [await strikeOn('brokers', onBrokers, 3)] : []),
  ];
  return {
    rows: outcomes.flatMap(({ rows }) => rows),
    findings: outcomes.flatMap(({ findings }) => findings),
    wrongs: outcomes.flatMap(({ wrongs }) => wrongs),
  };
}

async function strikeOn(name: string, chosen: readonly Fault[], brokers?: number): Promise<Outcome> {
  const home = path.join(folder, name);
  mkdirSync(home);
  const world = await startWorld({ folder: home, kafka: given.kafka, brokers });
  worlds.push(world);
  try {
    return await run(world, { seed, faults: chosen, short, say });
  } finally {
    await world.stop();
  }
}

async function proveAll(): Promise<void> {
  for (const variant of variants) {
    const chosen =
      given.variant === undefined ? !short || variant.short : ['all', variant.name].includes(given.variant);
    const keep = (world: World) => void worlds.push(world);
    if (chosen) proofs.push(await prove(variant, { folder, kafka: given.kafka, seed, say, keep }));
  }
}

function report(): void {
  const rows = outcome?.rows ?? [];
  const harm = (outcome?.findings ?? []).filter(({ kind }) => kind !== 'gap');
  if (outcome) console.log(`\n${textOf(rows)}`);
  for (const { kind, fault, what } of harm.slice(0, 30)) console.log(`${kind} [${fault}] ${what}`);
  for (const wrong of outcome?.wrongs ?? []) console.log(wrong);
  if (proofs.length > 0) console.log(`\n${proofText(proofs)}`);
  if (given.markdown) writeFileSync(given.markdown, `${markdownOf(rows)}\n\n${proofMarkdown(proofs)}\n`);
  const bad = rows.some(isBad) || harm.length > 0 || (outcome?.wrongs.length ?? 0) > 0;
  const missed = proofs.some(({ found }) => found === 0);
  const empty = rows.length + proofs.length === 0;
  console.log(bad || missed || empty ? '\nfaults: FAILED' : '\nfaults: all promises held');
  process.exitCode = bad || missed || empty ? 1 : 0;
}
