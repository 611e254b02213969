import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CODES } from '../src/codes.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = ['personnel', 'performance', 'competency', 'feedback', 'chassis', 'directory'].flatMap((service) =>
  readdirSync(join(root, 'services', service, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(root, 'services', service, 'src', file), 'utf8')),
);
/** Section → the codes in it, with what they say, as the page has them. */
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const [listed, ofEvents] = page
  .split('## Events')
  .map((part) =>
    Object.fromEntries([...part.matchAll(/^\| `([A-Z_]+)` *\| (.+?) *\|$/gm)].map(([, code, says]) => [code, says])),
  );

test('the page of errors lists what may leave the graph, word for word', () => {
  expect(listed).toEqual(CODES);
});

test('every code that a rule refuses with may leave, but for those of events', () => {
  const thrown = sources.flatMap((text) =>
    [...text.matchAll(/(?:DomainError|refuse|refuseIf|wrongParent)\([^'"`;=?]*?'([A-Z][A-Z_]{3,})'/g)].map(
      ([, code]) => code!,
    ),
  );
  expect(new Set(thrown).size).toBeGreaterThan(120);
  expect([...new Set(thrown)].filter((code) => !(code in CODES) && !(code in ofEvents!))).toEqual([]);
});

test('no code is listed that nobody says any more', () => {
  const gateway = readdirSync(join(root, 'gateway/src')).map((file) =>
    file === 'codes.ts' ? '' : readFileSync(join(root, 'gateway/src', file), 'utf8'),
  );
  const said = [...sources, ...gateway].join('\n');
  const byApollo = ['PERSISTED_QUERY_NOT_SUPPORTED'];
  expect(
    Object.keys(CODES).filter((code) => !new RegExp(`\\b${code}\\b`).test(said) && !byApollo.includes(code)),
  ).toEqual([]);
});
