/**
 * `npm run compose` writes the supergraphs and the contracts into gateway/, from the services' schema.graphql;
 * `npm run compose -- --check` writes nothing and fails when they are not what those give, or when a contract takes
 * something away from its clients, or a service from the gateway of before.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedTypeDefs } from '@merit/chassis/api/graph';
import { DomainError } from '@merit/chassis/errors';
import { operationsTypeDefs } from '@merit/chassis/operations/operations.sdl';
import { breaksClients, poorAnnouncements } from './compose/changes.js';
import { composedFiles } from './compose/files.js';
import { SUBGRAPHS } from './compose/graph.js';
import { noLongerAnswers } from './compose/order.js';
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

/** The text of a file in an earlier commit; null where it was not there. */
function earlier(commit: string, file: string): string | null {
  const { status, stdout } = spawnSync('git', ['show', `${commit}:${file}`], { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout : null;
}

/** The day of the commit that is checked: what it announces is announced from then on. */
const dayOfCommit = (): string =>
  spawnSync('git', ['log', '-1', '--format=%cs'], { cwd: root, encoding: 'utf8' }).stdout.trim() || today();
const today = () => new Date().toISOString().slice(0, 10);

/**
 * Compares the API schemas and the services with those of the commit before, or where this branch left main: nothing is
 * taken from clients that was not announced in time, and the gateway of before is still answered.
 */
function requireKept(): void {
  const base = baseOf(root);
  if ('none' in base) {
    console.log(`There is no commit to compare the contracts with: ${base.none}.`);
    return;
  }
  const accepted = readFileSync(`${root}${ACCEPTED}`, 'utf8');
  const since = `since ${base.commit.slice(0, 10)} (${base.why})`;
  const require = (problems: readonly string[], what: string, todo: string) => {
    const left = problems.filter((each) => !accepted.includes(each));
    if (left.length > 0) fail(`${what}:\n  ${left.join('\n  ')}\n${todo}`);
  };
  for (const [file, text] of files) {
    if (!/contracts\/\w+\.graphql$/.test(file)) continue;
    const before = earlier(base.commit, file);
    require(poorAnnouncements(before, text, dayOfCommit()), `${file} announces`, 'docs/contracts.md says how.');
    if (before === null) continue; // it is new
    require(breaksClients(
      before,
      text,
      today(),
    ), `${file} takes away what clients may use ${since}`, `Mark it @deprecated first, and keep it until its day. A break that is meant goes into ${ACCEPTED}, with its reason.`);
  }
  const supergraph = earlier(base.commit, 'gateway/supergraph.graphql');
  const lost = subgraphs.flatMap(({ name, sdl }) =>
    supergraph === null ? [] : noLongerAnswers(supergraph, name, `${sdl}\n${sharedTypeDefs}`),
  );
  require(lost, `Services no longer answer the supergraph that gateways run with ${since}`, `Hide it with @inaccessible in one release, and take it away in the next. A break that is meant goes into ${ACCEPTED}.`);
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
