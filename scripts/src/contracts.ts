/**
 * `npm run contracts` compares the event contracts with those that were promised and with main, and notes them as
 * promised; `npm run contracts -- --check` notes nothing and fails when that is due. Neither accepts a breaking change.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { baseOf } from './contracts/base.js';
import { breaks, breaksSince, describe, isPromised, PROMISED } from './contracts/breaking.js';
import { ROOT } from './start.plan.js';

const { values: flags } = parseArgs({
  options: { check: { type: 'boolean', default: false }, folder: { type: 'string', default: join(ROOT, 'proto') } },
});
const { folder } = flags;

/** Ends with the faults, a line each, and what to do about them. */
function refuse(against: string, faults: readonly string[]): never {
  console.error(`The contracts break what ${against} promised to readers:\n`);
  for (const fault of faults) console.error(`  ${fault}`);
  console.error('\nAdd a field or an event beside the old one instead: docs/contracts.md says how.');
  process.exit(1);
}

try {
  const described = describe(folder, { comments: false });
  const promised = breaks(folder, PROMISED);
  if (promised.length > 0) refuse(`proto/${PROMISED}`, promised);

  const base = baseOf(folder);
  if ('commit' in base) {
    const since = breaksSince(folder, base);
    if (since.length > 0) refuse(`${base.commit.slice(0, 10)} (${base.why})`, since);
    console.log(`Nothing breaks proto/${PROMISED} or ${base.commit.slice(0, 10)}, ${base.why}.`);
  } else {
    console.log(`Nothing breaks proto/${PROMISED}. There is no commit to compare with: ${base.none}.`);
  }

  if (isPromised(folder, described)) console.log(`proto/${PROMISED} is up to date.`);
  else if (flags.check) {
    console.error(`The contracts have grown, and proto/${PROMISED} does not say so. Run: npm run contracts`);
    process.exit(1);
  } else {
    writeFileSync(join(folder, PROMISED), described);
    console.log(`proto/${PROMISED} written.`);
  }
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
