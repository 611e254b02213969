/**
 * `npm run compose` writes gateway/supergraph.graphql from the services' schema.graphql;
 * `npm run compose -- --check` writes nothing and fails when it is not what they give.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DomainError } from '@merit/chassis/errors';
import { sharedTypeDefs } from '@merit/chassis/graph';
import { composeGraph, SUBGRAPHS } from './compose/graph.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const target = `${root}gateway/supergraph.graphql`;

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

const subgraphs = await Promise.all(
  SUBGRAPHS.map(async (name) => ({
    name,
    sdl: await readFile(`${root}services/${name}/schema.graphql`, 'utf8').catch(() =>
      fail(`[${name}] services/${name}/schema.graphql cannot be read.`),
    ),
  })),
);

let supergraph: string;
try {
  supergraph = composeGraph(subgraphs, sharedTypeDefs);
} catch (error) {
  if (!(error instanceof DomainError)) throw error;
  fail(`The services’ schemas are not one graph:\n${error.message}`);
}

const stale = supergraph !== (await readFile(target, 'utf8').catch(() => ''));
if (process.argv.includes('--check')) {
  if (stale) fail('gateway/supergraph.graphql is not what the services’ schemas give. Run: npm run compose');
  console.log('gateway/supergraph.graphql is up to date.');
} else {
  if (stale) await writeFile(target, supergraph);
  console.log(`gateway/supergraph.graphql ${stale ? 'written' : 'was up to date'}.`);
}
