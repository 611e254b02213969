/**
 * `npm run compose` writes the supergraphs and the contracts into gateway/, from the services' schema.graphql;
 * `npm run compose -- --check` writes nothing and fails when they are not what those give.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DomainError } from '@merit/chassis/errors';
import { sharedTypeDefs } from '@merit/chassis/graph';
import { operationsTypeDefs } from '@merit/chassis/operations.sdl';
import { composedFiles } from './compose/files.js';
import { SUBGRAPHS } from './compose/graph.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

const subgraphs = await Promise.all(
  SUBGRAPHS.map(async (name) => ({
    name,
    sdl: `${await readFile(`${root}services/${name}/schema.graphql`, 'utf8').catch(() =>
      fail(`[${name}] services/${name}/schema.graphql cannot be read.`),
    )}\n${operationsTypeDefs(name)}`,
  })),
);

let files: ReadonlyMap<string, string>;
try {
  files = composedFiles(subgraphs, sharedTypeDefs);
} catch (error) {
  if (!(error instanceof DomainError)) throw error;
  fail(`The services’ schemas are not one graph:\n${error.message}`);
}

const stale: string[] = [];
for (const [file, text] of files) {
  if (text !== (await readFile(root + file, 'utf8').catch(() => ''))) stale.push(file);
}
if (process.argv.includes('--check')) {
  if (stale.length > 0) fail(`Not what the services’ schemas give: ${stale.join(', ')}. Run: npm run compose`);
  console.log('The supergraphs and the contracts are up to date.');
} else {
  for (const file of stale) {
    await mkdir(path.dirname(root + file), { recursive: true });
    await writeFile(root + file, files.get(file)!);
  }
  console.log(
    stale.length > 0 ? `Written: ${stale.join(', ')}.` : 'The supergraphs and the contracts were up to date.',
  );
}
