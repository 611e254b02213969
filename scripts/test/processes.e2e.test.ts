import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandOf, freePort, portIsFree, until } from '@merit/infra/process';
import { type MeritOptions, type ProcessName, type RunningMerit, startMerit } from '../src/processes.js';
import { portsFrom, ROOT } from '../src/start.plan.js';

const ALL = ['competency', 'feedback', 'gateway', 'identity', 'performance', 'personnel', 'postgres'];

/** A port with free ones after it, as many as Merit takes. */
async function freePorts(): Promise<number> {
  for (;;) {
    const port = 20_000 + ((await freePort()) % 10_000);
    const free = await Promise.all(Object.values(portsFrom(port)).map(portIsFree));
    if (free.every(Boolean)) return port;
  }
}

const isReady = async (url: string) => (await fetch(new URL('/health/ready', url))).status === 200;

/** Starts Merit in a process of its own, kills that, and says what it left running. */
async function startAndKill(options: MeritOptions): Promise<Record<ProcessName, number>> {
  const module = path.join(ROOT, 'scripts', 'dist', 'processes.js');
  const program = `
    const { startMerit } = await import(${JSON.stringify(module)});
    const merit = await startMerit(${JSON.stringify(options)});
    console.log(JSON.stringify(merit.processes()));`;
  const env = { ...process.env, NODE_OPTIONS: '' };
  const starter = spawn(process.execPath, ['--input-type=module', '-e', program], { env });
  const [text] = (await once(starter.stdout, 'data')) as [Buffer];
  starter.kill('SIGKILL');
  await once(starter, 'exit');
  return JSON.parse(text.toString());
}

describe('the whole of Merit, as processes', () => {
  let options: MeritOptions;
  let left: Record<ProcessName, number>;
  let merit: RunningMerit;

  beforeAll(async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'merit whole '));
    options = { port: await freePorts(), dataDir, durable: false };
    left = await startAndKill(options);
    expect(Object.values(left).map(commandOf)).not.toContain(undefined);
    merit = await startMerit(options);
  }, 180_000);
  afterAll(async () => {
    await merit?.stop();
    rmSync(options.dataDir, { recursive: true });
  });

  test('takes over what a killed start has left: its database goes on, its services make way', async () => {
    expect(Object.keys(merit.processes()).sort()).toEqual(ALL);
    expect(merit.processes().postgres).toBe(left.postgres);
    for (const name of ['gateway', 'identity', 'personnel'] as const) {
      expect(commandOf(left[name])).toBeUndefined();
      expect(commandOf(merit.processes()[name] ?? 0)).toBeDefined();
    }
    for (const url of Object.values(merit.urls)) expect(await isReady(url)).toBe(true);
  });

  test('refuses a second one on the same data', async () => {
    await expect(startMerit({ ...options, port: options.port + 20 })).rejects.toThrow(
      /^Merit runs already on the data in .* \(process \d+, http:\/\/localhost:\d+\): .*MERIT_DATA and MERIT_PORT/,
    );
  });

  test.each(['gateway', 'competency', 'identity', 'postgres'] satisfies ProcessName[])(
    '%s comes back after kill -9',
    async (name) => {
      const before = merit.processes()[name];
      merit.kill(name);
      expect(await merit.back(name, 50_000)).toBe(true);
      expect(merit.processes()[name]).not.toBe(before);
      expect(await until(() => isReady(merit.urls.gateway), 20_000)).toBe(true);
    },
  );

  test('tells in one line of a port in use, and leaves nothing of what it had begun', async () => {
    const port = await freePorts();
    const dataDir = path.join(options.dataDir, 'second');
    const other = createServer().listen(port + 3, '127.0.0.1');
    await once(other, 'listening');
    await expect(startMerit({ ...options, port, dataDir })).rejects.toThrow(
      new RegExp(`^Port ${port + 3} is in use by another program, so competency cannot start there: .*MERIT_PORT\\.$`),
    );
    expect(await portIsFree(portsFrom(port).postgres)).toBe(true);
    other.close();
  });

  test('tells in one line of a database server that cannot be reached', async () => {
    const dataDir = path.join(options.dataDir, 'third');
    const databaseUrl = 'postgresql://merit:secret@127.0.0.1:1/postgres';
    await expect(startMerit({ port: await freePorts(), dataDir, databaseUrl })).rejects.toThrow(
      /^The database merit_personnel could not be created on 127\.0\.0\.1:1: connect ECONNREFUSED 127\.0\.0\.1:1$/,
    );
  });

  test('uses a database server that exists', async () => {
    const dataDir = path.join(options.dataDir, 'fourth');
    const { MERIT_TEST_POSTGRES: databaseUrl = '' } = process.env;
    const second = await startMerit({ port: await freePorts(), dataDir, databaseUrl });
    try {
      expect(Object.keys(second.processes())).not.toContain('postgres');
      expect(new URL(second.databases.feedback ?? '').host).toBe(new URL(databaseUrl).host);
      expect(await isReady(second.urls.gateway)).toBe(true);
    } finally {
      await second.stop();
    }
  });

  test('stops with nothing left behind', async () => {
    const pids = Object.values(merit.processes());
    await merit.stop();
    expect(pids.map(commandOf)).toEqual(ALL.map(() => undefined));
    expect(await Promise.all(Object.values(portsFrom(options.port)).map(portIsFree))).not.toContain(false);
  });
});
