import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GENERIC_CODES } from '@merit/chassis/errors';

const folder = fileURLToPath(new URL('..', import.meta.url));

test('the README names every code that a rule may answer, and no other', () => {
  const rulesOfAll = ['import.ts', 'local-date.ts'].map((name) => join(folder, '../chassis/src', name));
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => join(folder, 'src', name))
    .concat(rulesOfAll)
    .map((path) => readFileSync(path, 'utf8'));
  const thrown = sources.flatMap((source) =>
    [...source.matchAll(/(?:DomainError|refuse|refuseIf|wrongParent)\([^;']*'([A-Z][A-Z_]+)'/g)].map(
      ([, code]) => code!,
    ),
  );
  const own = new Set(thrown.filter((code) => !(code in GENERIC_CODES)));
  const table = readFileSync(join(folder, 'README.md'), 'utf8').split('## Codes')[1]!;
  const named = [...table.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, code]) => code!);
  expect([...own].sort()).toEqual([...new Set(named)].sort());
  expect(own.size).toBeGreaterThan(60);
});
