/**
 * `npm run test:faults`: faults upon real processes under load, and the proof that nothing promised was broken. Exits 1
 * when something was, or when the suite has missed what is broken on purpose.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { kafkaAvailable } from '@merit/infra/kafka/java';
import { each } from '../seed/graph.js';
import type { Fault } from './fault.js';
import { brokerFaults } from './faults.broker.js';
import { faults } from './faults.js';
import { brokerLineFaults } from './faults.line.js';
import { type Proof, proofMarkdown, proofText, prove } from './proof.js';
import { type Outcome, run } from './run.js';
import { isBad, markdownOf, textOf } from './table.js';
import { variants } from './variants.js';
import { makeTemplate, startWorld, type Template, type World, type WorldOptions } from './world.js';

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
/** Broken worlds at a time. */
const AT_ONCE = 2;
const say = (text: string) => console.error(`  ${new Date().toISOString().slice(11, 19)}  ${text}`);
const folder = mkdtempSync(path.join(tmpdir(), 'merit-faults-'));
console.error(`seed ${seed}; the ledger and the logs are in ${folder}`);

// The end of a process is waited for without keeping this one awake.
const awake = setInterval(() => undefined, 1_000);
let outcome: Outcome | undefined;
const proofs: Proof[] = [];
let template: Template | undefined;
const worlds: World[] = [];
const keep = (world: World): void => void worlds.push(world);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await Promise.all(worlds.map((world) => world.stop()));
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

/**
 * Each fault in turn: all on one world, those of the line to a broker on one that has one, and those of brokers on one that
 * has three, unless a transport was named.
 */
async function strike(): Promise<Outcome> {
  const chosen = faults.filter(({ name, short: inShort = false }) =>
    given.only === undefined ? !short || inShort : given.only.split(',').some((part) => name.includes(part)),
  );
  const named = given.kafka || given.brokers !== undefined || !kafkaAvailable().ok;
  if (named) return strikeOn('world', chosen, { kafka: given.kafka, brokers: Number(given.brokers ?? 0) });
  const onOne = chosen.filter((fault) => brokerLineFaults.includes(fault));
  const onThree = chosen.filter((fault) => brokerFaults.includes(fault));
  const onLog = chosen.filter((fault) => !onOne.includes(fault) && !onThree.includes(fault));
  const outcomes = [
    await strikeOn('world', onLog, {}),
    await strikeOn('broker', onOne, { kafka: true }),
    await strikeOn('brokers', onThree, { brokers: 3 }),
  ];
  return {
    rows: outcomes.flatMap(({ rows }) => rows),
    findings: outcomes.flatMap(({ findings }) => findings),
    wrongs: outcomes.flatMap(({ wrongs }) => wrongs),
  };
}

async function strikeOn(
  name: string,
  chosen: readonly Fault[],
  transport: Pick<WorldOptions, 'kafka' | 'brokers'>,
): Promise<Outcome> {
  if (chosen.length === 0) return { rows: [], findings: [], wrongs: [] };
  const home = path.join(folder, name);
  mkdirSync(home);
  // A copy has the template's transport. For a few faults alone, filling one world is enough.
  const from = !transport.brokers && Boolean(transport.kafka) === given.kafka && given.only === undefined;
  const world = await startWorld({
    ...{ folder: home, ...transport, seed, smallDisk: true },
    from: from ? await begin() : undefined,
  });
  keep(world);
  try {
    return await run(world, { seed, faults: chosen, short, say });
  } finally {
    await world.stop();
  }
}

/** Several at a time, for each waits more than it works: until something is under way, until what is lost has not come. */
async function proveAll(): Promise<void> {
  const chosen = variants.filter(({ name }) => given.variant === undefined || ['all', name].includes(given.variant));
  if (chosen.length === 0) return;
  const options = { folder, kafka: given.kafka, seed, keep, template: await begin() };
  await each(
    chosen,
    async (variant) => {
      const tell = (text: string) => say(`${variant.name}: ${text}`);
      proofs[variants.indexOf(variant)] = await prove(variant, { ...options, say: tell });
    },
    AT_ONCE,
  );
}

/** What all worlds begin with, filled once. */
async function begin(): Promise<Template> {
  if (template === undefined) say('filling a world');
  template ??= await makeTemplate(path.join(folder, 'template'), given.kafka, keep);
  return template;
}

function report(): void {
  const made = proofs.filter(Boolean);
  const rows = outcome?.rows ?? [];
  const harm = (outcome?.findings ?? []).filter(({ kind }) => kind !== 'gap');
  if (outcome) console.log(`\n${textOf(rows)}`);
  for (const { kind, fault, what } of harm.slice(0, 30)) console.log(`${kind} [${fault}] ${what}`);
  for (const wrong of outcome?.wrongs ?? []) console.log(wrong);
  if (made.length > 0) console.log(`\n${proofText(made)}`);
  if (given.markdown) writeFileSync(given.markdown, `${markdownOf(rows)}\n\n${proofMarkdown(made)}\n`);
  const bad = rows.some(isBad) || harm.length > 0 || (outcome?.wrongs.length ?? 0) > 0;
  const missed = made.some(({ found }) => found === 0);
  const empty = rows.length + made.length === 0;
  console.log(
    bad || missed || empty
      ? `\nfaults: FAILED (the same schedule again: --seed ${seed})`
      : '\nfaults: all promises held',
  );
  process.exitCode = bad || missed || empty ? 1 : 0;
}
