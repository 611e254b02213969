/**
 * What a run of the tests needs beside itself, started once: a PostgreSQL and, where Java and Maven are there, a Kafka
 * broker. Tests find them in MERIT_TEST_POSTGRES and MERIT_TEST_KAFKA; what is set already is used as it is.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const infra = path.join(root, 'infra');

export default async function setup({ testPathPatterns }) {
  buildInfra();
  const { startPostgres } = await import('../infra/dist/postgres/postgres.js');
  const { commandOf, endProcess, freePort } = await import('../infra/dist/process.js');
  await sweep(commandOf, endProcess);
  const folder = mkdtempSync(path.join(tmpdir(), `merit-test-${process.pid}-`));
  const started = [];
  globalThis.meritTestServers = { started, folder };
  stopWhenInterrupted(started);
  if (!process.env['MERIT_TEST_POSTGRES']) {
    const postgres = await startPostgres({
      dataDir: path.join(folder, 'postgres'),
      port: await freePort(),
      durable: false,
    });
    keep(started, folder, postgres);
    process.env['MERIT_TEST_POSTGRES'] = postgres.adminUrl;
  }
  if (!process.env['MERIT_TEST_KAFKA'] && asksForKafka(testPathPatterns.patterns)) {
    const { kafkaAvailable, startKafka } = await import('../infra/dist/kafka/kafka.js');
    const available = kafkaAvailable();
    if (!available.ok && process.env['REQUIRE_KAFKA'] === '1')
      throw new Error(`REQUIRE_KAFKA=1, but: ${available.why}`);
    if (!available.ok) return;
    const ports = { port: await freePort(), controllerPort: await freePort() };
    const onProgress = (step) => process.stderr.write(`${step}\n`); // the first download takes its time
    const kafka = await startKafka({ dataDir: path.join(folder, 'kafka'), ...ports, onProgress });
    keep(started, folder, kafka);
    process.env['MERIT_TEST_KAFKA'] = kafka.brokers;
  }
}

/** A broker takes 4 s and 400 MB, so it is there for runs with a test that speaks of Kafka, unless told not to. */
function asksForKafka(patterns) {
  if (process.env['MERIT_KAFKA_TESTS'] === '0') return false;
  const chosen = patterns.map((pattern) => new RegExp(pattern, 'i'));
  return ['gateway', 'services', 'infra', 'scripts']
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true }).map((name) => path.join(folder, name)),
    )
    .filter((name) => name.endsWith('.test.ts') && !/\b(node_modules|dist)\b/.test(name))
    .filter((name) => chosen.length === 0 || chosen.some((pattern) => pattern.test(path.join(root, name))))
    .some((name) => readFileSync(path.join(root, name), 'utf8').includes('MERIT_TEST_KAFKA'));
}

/** jest transforms no global setup that is a native module, so this one takes what tsc made, when it is newer. */
function buildInfra() {
  const newest = (folder, ending) =>
    readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith(ending) && (ending !== '.ts' || !/^(dist|node_modules)\b|\.d\.ts$/.test(name)))
      .reduce((time, name) => Math.max(time, statSync(path.join(folder, name)).mtimeMs), 0);
  let built = 0;
  try {
    built = newest(path.join(infra, 'dist'), '.js');
  } catch {
    // never built
  }
  if (built >= newest(infra, '.ts')) return;
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', infra, '--noCheck'], { stdio: 'inherit' });
}

/** Written down, so that the next run can end what a killed one left behind. */
function keep(started, folder, server) {
  started.push(server);
  mkdirSync(path.join(folder, 'pids'), { recursive: true });
  writeFileSync(path.join(folder, 'pids', String(server.pid)), '');
}

/** Ends the servers of runs that were killed, and removes their folders. */
async function sweep(commandOf, endProcess) {
  for (const name of readdirSync(tmpdir())) {
    const run = Number(/^merit-test-(\d+)-/.exec(name)?.[1]);
    if (!run || commandOf(run)?.includes('jest')) continue;
    const folder = path.join(tmpdir(), name);
    try {
      for (const pid of readdirSync(path.join(folder, 'pids')).map(Number)) {
        if (commandOf(pid)?.includes(folder)) await endProcess(pid, [{ signal: 'SIGQUIT', waitMs: 5_000 }]);
      }
    } catch {
      // it started nothing
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Ctrl-C ends jest before its teardown; the servers, in process groups of their own, would stay. */
function stopWhenInterrupted(started) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      for (const { pid } of started) {
        try {
          process.kill(pid, 'SIGQUIT');
        } catch {
          // stopped already
        }
      }
      process.exit(130);
    });
  }
}
