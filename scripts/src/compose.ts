/**
 * `npm run compose` writes the supergraphs and the contracts into gateway/, from the services' schema.graphql;
 * `npm run compose -- --check` writes nothing and fails when they are not what those give, or when a contract takes
 * something away from its clients.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DomainError } from '@merit/chassis/errors';
import { sharedTypeDefs } from '@merit/chassis/graph';
import { operationsTypeDefs } from '@merit/chassis/operations.sdl';
import { breaksClients } from './compose/changes.js';
import { composedFiles } from './compose/files.js';
import { SUBGRAPHS } from './compose/graph.js';
import { baseOf } from './contracts/base.js';

/** Breaks that were decided on: the sentence as it is printed, the day, and why. */
const ACCEPTED = 'gateway/contracts/breaks.txt';
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

/** Compares the API schemas with those of the commit before, or where this branch left main. */
function requireKept(): void {
  const base = baseOf(root);
  if ('none' in base) {
    console.log(`There is no commit to compare the contracts with: ${base.none}.`);
    return;
  }
  const accepted = readFileSync(`${root}${ACCEPTED}`, 'utf8');
  for (const [file, text] of files) {
    if (!/contracts\/\w+\.graphql$/.test(file)) continue;
    const before = spawnSync('git', ['show', `${base.commit}:${file}`], { cwd: root, encoding: 'utf8' });
    if (before.status !== 0) continue; // it is new
    const breaks = breaksClients(before.stdout, text).filter((each) => !accepted.includes(each));
    if (breaks.length > 0) {
      fail(
        `${file} takes away what clients may use since ${base.commit.slice(0, 10)} (${base.why}):\n  ${breaks.join('\n  ')}\n` +
          `Mark it @deprecated first, and keep it for 90 days. A break that is meant goes into ${ACCEPTED}, with its reason.`,
      );
    }
  }
}

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
  requireKept();
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
