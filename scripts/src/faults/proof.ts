/** The suite put to the proof: run against what is broken on purpose, it must find what is broken. */
import path from 'node:path';
import { run } from './run.js';
import type { Variant } from './variants.js';
import { startWorld, type World } from './world.js';

export interface Proof {
  readonly variant: string;
  readonly what: string;
  readonly fault: string;
  /** What the checker found of the kind that it must find. */
  readonly found: number;
  readonly example: string | null;
}

/** What a broken system has lost never comes: it is not waited for as long. Milliseconds. */
const PATIENCE_MS = 6_000;
const PEOPLE = 60;

interface Options {
  readonly folder: string;
  readonly seed: string;
  readonly say: (text: string) => void;
  /** Is told of the world, so that it can be stopped from outside. */
  readonly keep: (world: World) => void;
}

/** A world of its own for the variant, since what it breaks stays broken. */
export async function prove(variant: Variant, { folder, seed, say, keep }: Options): Promise<Proof> {
  const { name, what, fault, shows } = variant;
  say(`broken on purpose: ${what}`);
  const world = await startWorld({ folder: path.join(folder, name), people: PEOPLE, variant: name });
  keep(world);
  try {
    const { findings } = await run(world, { seed, faults: [fault], short: true, patienceMs: PATIENCE_MS, say });
    const found = findings.filter(({ kind }) => kind === shows);
    return { variant: name, what, fault: fault.name, found: found.length, example: found[0]?.what ?? null };
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
