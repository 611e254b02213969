/**
 * `npm run asyncapi` writes proto/asyncapi.yaml and its page, docs/asyncapi.html, from the event contracts, the envelope
 * and the services' subscriptions; `npm run asyncapi -- --check` writes nothing and fails when they are not current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readContracts } from './asyncapi/contracts.js';
import { documentOf } from './asyncapi/document.js';
import { pageOf, type Shown } from './asyncapi/page.js';
import { readings } from './asyncapi/readers.js';
import { describe } from './contracts/breaking.js';
import { ROOT } from './start.plan.js';

const contracts = readContracts(describe(join(ROOT, 'proto'), { comments: true }));
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const document = documentOf(contracts, await readings(), version);
const head =
  '# Written by `npm run asyncapi` from the contracts beside it, the envelope and the subscriptions: not to be edited.\n';
const made = {
  'proto/asyncapi.yaml': head + stringify(document, { lineWidth: 120, aliasDuplicateObjects: false }),
  'docs/asyncapi.html': pageOf(document as unknown as Shown),
};

const check = process.argv.includes('--check');
for (const [name, text] of Object.entries(made)) {
  const file = join(ROOT, name);
  let before = '';
  try {
    before = readFileSync(file, 'utf8');
  } catch {
    // It is written for the first time.
  }
  const stale = before !== text;
  if (stale && check) {
    console.error(`${name} is not what the contracts and subscriptions give. Run: npm run asyncapi`);
    process.exitCode = 1;
  } else {
    if (stale) writeFileSync(file, text);
    console.log(`${name} ${stale ? 'written' : 'is up to date'}.`);
  }
}
