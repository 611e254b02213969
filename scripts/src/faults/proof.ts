/** The suite put to the proof: run against what is broken on purpose, it must find what is broken. */
import path from 'node:path';
import type { Finding } from './checker.finding.js';
import { run } from './run.js';
import type { Variant } from './variants.js';
import { startWorld, type Template, type World } from './world.js';

export interface Proof {
  readonly variant: string;
  readonly what: string;
  readonly fault: string;
  /** What the checker found of the kind that it must find. */
  readonly found: number;
  readonly example: string | null;
}

/** What a broken system has lost never comes: it is waited for no longer than a process needs to come back. Milliseconds. */
const PATIENCE_MS = 8_000;
/** A fault may strike when nothing is under way that it could break. */
const TRIES = 3;

interface Options {
  readonly folder: string;
  /** What the worlds begin with. */
  readonly template: Template;
  /** Through a Kafka broker, and not the embedded log. */
  readonly kafka: boolean;
  readonly seed: string;
  readonly say: (text: string) => void;
  /** Is told of the world, so that it can be stopped from outside. */
  readonly keep: (world: World) => void;
}

/** Until something is found, three times at most. */
export async function prove(variant: Variant, options: Options): Promise<Proof> {
  const { name, what, fault } = variant;
  let found: readonly Finding[] = [];
  for (let tries = 1; found.length === 0 && tries <= TRIES; tries += 1) {
    options.say(`broken on purpose: ${what}${tries === 1 ? '' : `, try ${tries}`}`);
    found = await findingsOf(variant, tries, options);
  }
  return { variant: name, what, fault: fault.name, found: found.length, example: found[0]?.what ?? null };
}

/** A world of its own for each try, since what the variant breaks stays broken. */
async function findingsOf({ name, fault, shows }: Variant, tries: number, options: Options): Promise<Finding[]> {
  const { folder, kafka, seed, say, keep, template } = options;
  const home = path.join(folder, `${name}-${tries}`);
  const chance = tries === 1 ? seed : `${seed} ${tries}`;
  const begin = { from: template, durable: false, variant: name, seed: chance };
  const world = await startWorld({ folder: home, kafka, ...begin });
  keep(world);
  try {
    const { findings } = await run(world, { seed: chance, faults: [fault], short: true, patienceMs: PATIENCE_MS, say });
    return findings.filter(({ kind }) => kind === shows);
  } finally {
    await world.stop();
  }
}

/** A line a variant. */
export const proofText = (proofs: readonly Proof[]): string =>
  proofs
    .map(({ what, fault, found, example }) =>
      found > 0 ? `caught  ${what} (${fault}): ${found}, as ${example}` : `MISSED  ${what} (${fault})`,
    )
    .join('\n');

export const proofMarkdown = (proofs: readonly Proof[]): string =>
  [
    '| broken on purpose | shown by | found | for example |',
    '| --- | --- | --: | --- |',
    ...proofs.map(({ what, fault, found, example }) => `| ${what} | ${fault} | ${found} | ${example ?? 'missed'} |`),
  ].join('\n');
