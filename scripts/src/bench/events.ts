/**
 * `npm run bench:events`: the event path, measured on both transports beside the plain ceilings of the same machine in
 * the same run. Prints a table and writes JSON. `--transport kafka|postgres` measures one, `--only latency,scores` some
 * parts of it, `--quick` a tenth of everything, which shows that it works and measures nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { kafkaAvailable } from '@merit/infra/kafka/kafka';
import { measureParts, PARTS } from './events.parts.js';
import type { Figure } from './figure.js';
import { machine, writeReport } from './machine.js';

const { values: flags } = parseArgs({
  options: {
    transport: { type: 'string' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    port: { type: 'string', default: '4700' },
  },
});
const wanted = flags.only?.split(',') ?? PARTS;
const unknown = wanted.filter((part) => !PARTS.includes(part));
const transports = flags.transport ? [flags.transport] : ['kafka', 'postgres'];
if (unknown.length > 0 || transports.some((name) => name !== 'kafka' && name !== 'postgres')) {
  console.error(`--only takes some of ${PARTS.join(',')}; --transport kafka or postgres.`);
  process.exit(2);
}
const kafka = kafkaAvailable();
if (transports.includes('kafka') && !kafka.ok) {
  console.error(`There is no broker to measure with: ${kafka.why} --transport postgres does without.`);
  process.exit(2);
}

const folder = mkdtempSync(path.join(tmpdir(), 'merit-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
// The end of a process is waited for without keeping this one awake.
const awake = setInterval(() => undefined, 1_000);
const before = machine();
const began = Date.now();
const figures: (Figure & { readonly transport: string })[] = [];
const details: Record<string, unknown> = {};
for (const transport of transports) {
  console.log(`\nEvents through ${transport === 'kafka' ? 'Kafka' : 'the embedded log'}`);
  const setting = { folder, port: Number(flags.port), kafka: transport === 'kafka', quick: flags.quick };
  await measureParts(setting, wanted, (part, found) => {
    details[`${part} ${transport}`] = found.detail;
    for (const figure of found.figures) {
      figures.push({ ...figure, transport });
      const { what, measured, ceiling, ratio, goal } = figure;
      console.log(`  ${what}: ${measured} (${ceiling}; ratio ${ratio}; goal ${goal})`);
    }
  });
}
clearInterval(awake);
const seconds = Math.round((Date.now() - began) / 1_000);
const report = { at: new Date(began).toISOString(), seconds, quick: flags.quick, machine: before, figures, details };
const file = writeReport('events', report);
console.log('\n| What | Through | Measured | Ceiling of the same run | Ratio | Goal |\n|---|---|---|---|---|---|');
for (const { what, transport, measured, ceiling, ratio, goal } of figures)
  console.log(`| ${what} | ${transport} | ${measured} | ${ceiling} | ${ratio} | ${goal} |`);
console.log(`\n${file} written, after ${seconds} s.`);
