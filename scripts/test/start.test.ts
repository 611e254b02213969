import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandOf, freePort, portIsFree, until } from '@merit/infra/process';
import { followErrors } from '../src/start.errors.js';
import { endLeftOvers, takeLock } from '../src/start.lock.js';
import { launchNode, logFileOf } from '../src/start.node.js';
import { type NodeProcess, nodeProcesses, placesIn, portsFrom } from '../src/start.plan.js';
import { readSettings } from '../src/start.settings.js';
import { type Supervised, supervise } from '../src/start.supervisor.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'merit start '));
  mkdirSync(placesIn(folder).logs);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('what each process is told', () => {
  const ports = portsFrom(4100);
  const databases = { personnel: 'postgresql://p', eventlog: 'postgresql://e' };

  test('ports follow from the gateway, and addresses from ports', () => {
    const { gateway, feedback, identity } = nodeProcesses({
      ports,
      dataDir: '/d',
      databases,
      brokers: undefined,
      logLevel: 'info',
    });
    expect([gateway.port, feedback.port, identity.port]).toEqual([4100, 4104, 4105]);
    expect(gateway.env).toMatchObject({
      PORT: '4100',
      HOST: '127.0.0.1',
      PERSONNEL_URL: 'http://127.0.0.1:4101/graphql',
      FEEDBACK_URL: 'http://127.0.0.1:4104/graphql',
      OIDC_ISSUER: 'http://localhost:4105',
    });
  });

  test('events go through the embedded log, or through Kafka, and never both', () => {
    const tell = (brokers: string | undefined) =>
      nodeProcesses({ ports, dataDir: '/d', databases, brokers, logLevel: 'info' }).personnel.env;
    expect(tell(undefined)).toMatchObject({ EVENT_LOG_URL: 'postgresql://e', KAFKA_BROKERS: '' });
    expect(tell('127.0.0.1:4107')).toMatchObject({ EVENT_LOG_URL: '', KAFKA_BROKERS: '127.0.0.1:4107' });
  });
});

describe('the environment', () => {
  test('has its defaults, and an empty variable is none', () => {
    expect(readSettings({ MERIT_PORT: '', KAFKA_BROKERS: '' })).toMatchObject({
      port: 4000,
      dataDir: expect.stringMatching(/\.merit$/),
      kafkaBrokers: undefined,
    });
  });

  test('names existing servers, one for all or one for each', () => {
    const env = {
      MERIT_PORT: '4600',
      DATABASE_URL: 'postgresql://a',
      PERSONNEL_DATABASE_URL: 'postgresql://p',
      EVENT_LOG_URL: 'postgresql://e',
    };
    expect(readSettings(env)).toMatchObject({
      port: 4600,
      databaseUrl: 'postgresql://a',
      databaseUrls: { personnel: 'postgresql://p', eventlog: 'postgresql://e' },
    });
  });

  test.each(['no', '0', '65530', '4000.5'])('cannot move the ports to %s', (MERIT_PORT) => {
    expect(() => readSettings({ MERIT_PORT })).toThrow(
      /^MERIT_PORT is .*: it must be a whole number from 1 to 65527\.$/,
    );
  });
});

/** A process as Merit's are: it answers on its port when it is ready, and says one error. */
const PROGRAM = `
  import { createServer } from 'node:http';
  console.log(JSON.stringify({ level: 50, msg: 'a trouble', err: { message: 'of some kind' } }));
  const server = createServer((_, response) => response.end('ready'));
  server.listen(Number(process.env.PORT), '127.0.0.1');
  process.on('SIGTERM', () => server.close(() => process.exit(0)).closeAllConnections());
`;

async function write(program: string): Promise<NodeProcess> {
  const script = path.join(folder, 'a program.mjs');
  writeFileSync(script, program);
  const port = await freePort();
  return { name: 'gateway', script, port, heapMb: 64, env: { PORT: String(port) } };
}

describe('a supervised process', () => {
  let spec: NodeProcess;
  let supervised: Supervised;
  let reports: string[];

  beforeEach(async () => {
    spec = await write(PROGRAM);
    reports = [];
    supervised = await supervise('gateway', launchNode(spec, folder), (text) => reports.push(text));
  });
  afterEach(() => supervised.stop());

  test('is ready when it was started, and comes back when it is killed', async () => {
    const first = supervised.pid();
    expect((await fetch(`http://127.0.0.1:${spec.port}/health/ready`)).ok).toBe(true);
    supervised.kill();
    expect(await supervised.back(20_000)).toBe(true);
    expect(supervised.pid()).not.toBe(first);
    expect((await fetch(`http://127.0.0.1:${spec.port}/health/ready`)).ok).toBe(true);
    expect(reports).toEqual([
      `gateway (process ${first}) ended unexpectedly and is started again`,
      `gateway is back (process ${supervised.pid()})`,
    ]);
  });

  test('is gone for good when it was stopped', async () => {
    await supervised.stop();
    expect(commandOf(supervised.pid())).toBeUndefined();
    expect(await portIsFree(spec.port)).toBe(true);
    expect(reports).toEqual([]);
  });

  test('is ended by the next start when its own was killed', async () => {
    const { pid } = spawnOrphan(spec.script);
    writeFileSync(path.join(placesIn(folder).pids, 'orphan'), `${pid}\n${spec.script}\n`);
    writeFileSync(path.join(placesIn(folder).pids, 'stranger'), `${process.ppid}\n/not/what/it/runs.js\n`);
    await supervised.stop();
    await endLeftOvers(folder);
    expect(commandOf(pid)).toBeUndefined();
    expect(commandOf(process.ppid)).toBeDefined();
  });
});

function spawnOrphan(script: string): { pid: number } {
  const env = { ...process.env, NODE_OPTIONS: '', PORT: '0' };
  const child = spawn(process.execPath, [script], { env, stdio: 'ignore', detached: true });
  child.unref();
  return { pid: child.pid ?? 0 };
}

test('a process that ends at its start is told with the last words of its log', async () => {
  const spec = await write(
    `console.log(JSON.stringify({ level: 60, msg: 'no table' })); console.error('bad'); process.exit(1);`,
  );
  await expect(launchNode(spec, folder)(new AbortController().signal)).rejects.toThrow(
    /^gateway ended at its start \(.*gateway\.log\):\n {2}no table\n {2}bad$/,
  );
});

test('a start that is given up leaves nothing behind', async () => {
  const spec = await write(PROGRAM.replace('response.end', 'response.writeHead(503).end'));
  const giveUp = new AbortController();
  const launching = launchNode(spec, folder)(giveUp.signal);
  const file = path.join(placesIn(folder).pids, 'gateway');
  const pid = () => Number(readFileSync(file, 'utf8').split('\n')[0]);
  const answers = () =>
    fetch(`http://127.0.0.1:${spec.port}`).then(
      () => true,
      () => false,
    );
  expect(await until(answers, 20_000)).toBe(true);
  giveUp.abort();
  await expect(launching).rejects.toThrow(/was not ready in time/);
  expect(commandOf(pid())).toBeUndefined();
});

test('errors in a log come to the screen, once each and only those', () => {
  const log = logFileOf(folder, 'gateway');
  appendFileSync(log, '{"level":50,"msg":"before"}\n');
  const seen: string[] = [];
  const stop = followErrors({ gateway: log, feedback: logFileOf(folder, 'feedback') }, (name, text) =>
    seen.push(`${name}: ${text}`),
  );
  appendFileSync(
    log,
    '{"level":30,"msg":"fine"}\n{"level":50,"msg":"a trouble","err":{"message":"of some kind"}}\nno json\n',
  );
  stop();
  expect(seen).toEqual(['gateway: a trouble: of some kind']);
});

describe('the lock of a data folder', () => {
  test('is for one at a time, and says who has it', () => {
    const unlock = takeLock(folder, 4000);
    expect(() => takeLock(folder, 5000)).toThrow(
      new RegExp(
        `^Merit runs already on the data in .* \\(process ${process.pid}, http://localhost:4000\\): .*MERIT_DATA.*`,
      ),
    );
    unlock();
    takeLock(folder, 5000)();
  });

  test('is taken over from one that was killed', () => {
    const gone = { pid: process.ppid, command: 'node start.js of yesterday', gatewayPort: 4000 };
    writeFileSync(placesIn(folder).lock, JSON.stringify(gone));
    expect(() => takeLock(folder, 4000)()).not.toThrow();
  });
});
