/** The fences stand: what the house forbids, the linter refuses. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const house = mkdtempSync(join(tmpdir(), 'merit-fences-'));
cpSync(join(root, '.biome.json'), join(house, '.biome.json'));
afterAll(() => rmSync(house, { recursive: true }));

/** What the linter says of a text, were it a file at this path of the house. */
function lint(path: string, text: string): string {
  const file = join(house, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const biome = join(root, 'node_modules', '.bin', 'biome');
  const { stdout, stderr } = spawnSync(biome, ['lint', '--colors=off', '--vcs-enabled=false', path], {
    cwd: house,
    encoding: 'utf8',
  });
  rmSync(file);
  return stdout + stderr;
}

const rule = 'services/competency/src/hours/hours.ts';
const uses = (name: string, from: string) => `import { ${name} } from '${from}';\nexport const it = ${name};\n`;

test.each([
  ['a rule that imports the database', rule, uses('DataSource', 'typeorm')],
  ['a rule that imports GraphQL', rule, uses('graphql', 'graphql')],
  ['a rule that imports the outbox', rule, uses('append', '@merit/chassis/out/outbox')],
  ['a rule that imports the directory', rule, uses('judge', '@merit/directory/access')],
  ['a rule that imports a table', rule, uses('rows', './hours.table.js')],
  ['a rule that imports another service', rule, uses('x', '@merit/personnel/x')],
  ['kafkajs beside its one file', 'services/chassis/src/out/relay.ts', uses('Kafka', 'kafkajs')],
  ['a service that imports another', 'services/feedback/src/resolvers.ts', uses('x', '@merit/personnel/x')],
  [
    'a service that imports another by path',
    'services/feedback/src/resolvers.ts',
    uses('x', '../../personnel/src/x.js'),
  ],
  ['the environment read outside env.ts', 'services/feedback/src/index.ts', 'export const it = process.env.HOME;\n'],
])('refuses %s', (_, path, text) => {
  expect(lint(path, text)).toMatch(/noRestrictedImports|noProcessEnv/);
});

test.each([
  ['a rule that imports the errors', rule, uses('DomainError', '@merit/chassis/errors')],
  ['a rule that imports what imports share', rule, uses('judgeRows', '@merit/chassis/import')],
  ['a rule that imports days', rule, uses('addDays', '@merit/chassis/local-date')],
  ['a rule that imports the order of holders', rule, uses('byRight', '@merit/directory/rank')],
  [
    'a rule that imports the type of its answer',
    rule,
    "import type { Decision } from '@merit/chassis/decision';\nexport type It = Decision<string, never>;\n",
  ],
  [
    'a command that imports the database',
    'services/competency/src/hours/hours.commands.ts',
    uses('DataSource', 'typeorm'),
  ],
  ['env.ts that reads the environment', 'services/feedback/src/env.ts', 'export const it = process.env.HOME;\n'],
  ['kafkajs in its one file', 'services/chassis/src/transport/transport.kafka.ts', uses('Kafka', 'kafkajs')],
])('allows %s', (_, path, text) => {
  expect(lint(path, text)).not.toMatch(/noRestrictedImports|noProcessEnv/);
});
