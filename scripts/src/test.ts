/**
 * `npm test`: everything that must hold, one stage after another, closed by one line from the real results.
 * `npm test -- <pattern>` runs only the tests whose path matches.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kafkaAvailable } from '@merit/infra/kafka/kafka';
import { secondChance } from './test.again.js';

interface Results {
  passed: number;
  failed: number;
  skipped: number;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const [pattern] = process.argv.slice(2);
const total: Results = { passed: 0, failed: 0, skipped: 0 };

const bin = (name: string) => join(root, 'node_modules', '.bin', name);

/** Runs a program in the project's root (or `cwd` below it), its output shown as it comes. */
function run(command: string, args: readonly string[], env: Record<string, string> = {}, cwd = root): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('error', (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      resolve(false);
    });
    child.on('exit', (code) => resolve(code === 0));
  });
}

/** A check is a test with one result. */
async function check(name: string, command: string, args: readonly string[], cwd = root): Promise<void> {
  const ok = await run(command, args, {}, cwd);
  console.log(`${ok ? 'ok     ' : 'FAILED '} ${name}`);
  total[ok ? 'passed' : 'failed'] += 1;
}

/** What is read of a run's report. */
interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: 'passed' | 'failed';
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** Runs jest; null when it ended without a report. */
async function jest(args: readonly string[]): Promise<Report | null> {
  const folder = await mkdtemp(join(tmpdir(), 'merit-tests-'));
  const report = join(folder, 'report.json');
  const ok = await run(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
      ...['-c', '.config/jest.config.mjs', '--json', `--outputFile=${report}`, ...args],
    ],
    { NODE_ENV: 'test' },
  );
  const results: Report | null = await readFile(report, 'utf8').then(JSON.parse, () => null);
  await rm(folder, { recursive: true, force: true });
  return results && { ...results, success: ok };
}

const unsteady: string[] = [];

/**
 * Runs a set of tests, and adds what its report says; a run without a report has failed. Many of them kill processes and
 * cut lines on a machine that has other work: a file that failed is run once more, alone, and named at the end. Not those that
 * look for lost work, which have failed.
 */
async function tests(name: string, args: readonly string[]): Promise<void> {
  const first = await jest(args);
  const failed = first?.testResults.filter(({ status }) => status === 'failed').map((file) => file.name) ?? [];
  const again = secondChance(failed);
  if (!first || again.length === 0) return add(name, first);
  console.log(`\nOnce more, alone: ${again.map((file) => relative(root, file)).join(', ')}\n`);
  const second = await jest(['--runInBand', '--runTestsByPath', ...again]);
  if (second?.success) unsteady.push(...again.map((file) => relative(root, file)));
  const others = first.testResults.filter((file) => !again.includes(file.name));
  const success = second?.success === true && again.length === failed.length;
  add(name, second && { success, testResults: [...others, ...second.testResults] });
}

function add(name: string, report: Report | null): void {
  if (!report) console.log(`FAILED  ${name}: the run ended without a report`);
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, assertionResults } of report?.testResults ?? []) {
    const before = counts.failed;
    for (const one of assertionResults) {
      counts[one.status === 'passed' ? 'passed' : one.status === 'failed' ? 'failed' : 'skipped'] += 1;
    }
    // A file that did not even load has no failed test of its own.
    if (status === 'failed' && counts.failed === before) counts.failed += 1;
  }
  // And a run may fail after its last test.
  if (!report?.success && counts.failed === 0) counts.failed = 1;
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}

const kafka = kafkaAvailable();
if (!kafka.ok) {
  if (process.env['REQUIRE_KAFKA'] === '1') {
    console.error(`REQUIRE_KAFKA=1, but there is no broker to test with: ${kafka.why}`);
    total.failed += 1;
  } else {
    console.error(`\n*** THE KAFKA TESTS ARE SKIPPED: ${kafka.why} ***\n`);
    process.env['MERIT_KAFKA_TESTS'] = '0';
  }
}

if (pattern === undefined) {
  await check('formatting and lint, with the fences', bin('biome'), ['ci', '--colors=off', '--error-on-warnings', '.']);
  await check('types', bin('tsc'), ['-p', '.config/tsconfig.check.json']);
  await check('event contracts', bin('buf'), ['lint'], join(root, 'proto'));
  await check('event contracts, against what was promised', process.execPath, [
    join(root, 'scripts/dist/contracts.js'),
    '--check',
  ]);
  await check('the description of events', process.execPath, [join(root, 'scripts/dist/asyncapi.js'), '--check']);
  await check('composition', process.execPath, [join(root, 'scripts/dist/compose.js'), '--check']);
}

// A pattern may match in one of the two runs; without one, a run that finds no test has failed.
const only = pattern === undefined ? [] : ['--passWithNoTests', '--testPathPatterns', pattern];
await tests('unit and integration', [
  '--testPathIgnorePatterns',
  '\\.e2e\\.test\\.ts$',
  '/node_modules/',
  '/dist/',
  '/\\.merit/',
  ...only,
]);
// The end-to-end tests start whole systems, so they run one after another, when nothing else does.
await tests('end to end', ['--runInBand', '--testMatch', '<rootDir>/**/*.e2e.test.ts', ...only]);

if (total.passed + total.failed + total.skipped === 0) {
  console.error(`No test's path matches ${pattern}.`);
  total.failed += 1;
}
for (const file of unsteady) console.log(`UNSTEADY  ${file} failed, and passed when it ran again alone.`);
console.log(`\ntests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
