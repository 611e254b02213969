/**
 * A gateway as a process of its own, before services that are played: for what strangers and mad services do to it.
 * Its memory is that of a real process, and its heap is too small for what would be kept of an attack.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endProcess, freePort } from '@merit/infra/process';
import { eventually } from './eventually.js';
import { type Answer, answerOf } from './small-graph.js';

const script = path.join(fileURLToPath(new URL('..', import.meta.url)), 'dist', 'index.js');

/** What a played service does with a request; the body has been read. */
export type Play = (response: ServerResponse, asked: { query: string; request: IncomingMessage }) => void;

export const json = (response: ServerResponse, body: unknown): void =>
  void response.setHeader('content-type', 'application/json').end(JSON.stringify(body));

const UNIT = '0190c0de-0000-7000-8000-00000000000a';
/** A unit as personnel tells it, and what feedback knows of it. */
const ANSWERS: Record<Service, unknown> = {
  personnel: { data: { unit: { __typename: 'Unit', id: UNIT, name: 'Dinas Kesehatan' } } },
  feedback: { data: { _entities: [{ __typename: 'Unit', satisfaction: { index: 80.14, grade: 'B' } }] } },
  performance: { data: {} },
  competency: { data: {} },
};
export const QUESTION = `{ unit(id: "${UNIT}") { name satisfaction(year: 2026) { index grade } } }`;
export const RIGHT = { data: { unit: { name: 'Dinas Kesehatan', satisfaction: { index: 80.14, grade: 'B' } } } };

const SERVICES = ['personnel', 'performance', 'competency', 'feedback'] as const;
type Service = (typeof SERVICES)[number];

export interface GatewayProcess {
  readonly url: string;
  readonly port: number;
  /** What a service does from now on; null for what it does when it is well. */
  play(service: Service, play: Play | null): void;
  /** Posts a document as one of many addresses, to the contract at this prefix. */
  ask(query: string, options?: { from?: string; at?: string; variables?: object }): Promise<Answer>;
  /** Memory of the process when everything that may be freed was freed. MiB. */
  settled(): Promise<number>;
  isAlive(): boolean;
  stop(): Promise<void>;
}

/** Has V8 give back what it can when it is told to, which is all that the process does beside its work. */
const COLLECTS = 'data:text/javascript,process.on("SIGUSR2",()=>gc())';

export async function startGatewayProcess(env: Record<string, string>, heapMb = 192): Promise<GatewayProcess> {
  const plays = new Map<Service, Play>();
  const services = await Promise.all(
    SERVICES.map(async (name) => {
      const server = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        const { query } = JSON.parse(String(Buffer.concat(chunks)));
        const play = plays.get(name);
        if (play) play(response, { query, request });
        else json(response, ANSWERS[name]);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { name, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` };
    }),
  );
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', COLLECTS, `--max-old-space-size=${heapMb}`, script],
    {
      env: {
        PATH: process.env['PATH'],
        PORT: String(port),
        OIDC_ISSUER: 'http://127.0.0.1:9',
        LOG_LEVEL: 'fatal',
        TRUSTED_PROXIES: '127.0.0.1',
        ...Object.fromEntries(services.map(({ name, url }) => [`${name.toUpperCase()}_URL`, url])),
        ...env,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const url = `http://127.0.0.1:${port}`;
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  const stop = async () => {
    await endProcess(child.pid!, [
      { signal: 'SIGTERM', waitMs: 10_000 },
      { signal: 'SIGKILL', waitMs: 5_000 },
    ]);
    for (const { server } of services) {
      server.close();
      server.closeAllConnections();
    }
  };
  try {
    await eventually(async () => (await fetch(`${url}/health/ready`).catch(() => null))?.ok, 60_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    port,
    isAlive,
    stop,
    play: (service, play) => void (play ? plays.set(service, play) : plays.delete(service)),
    ask: async (query, { from = '203.0.113.1', at = '/public', variables } = {}) =>
      answerOf(
        await fetch(`${url}${at}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
          body: JSON.stringify({ query, variables }),
        }),
      ),
    async settled() {
      const found: number[] = [];
      for (let n = 0; n < 4; n += 1) {
        child.kill('SIGUSR2');
        // An answer after the signal: the collection before it is over.
        await fetch(`${url}/health/live`).then((response) => response.text());
        found.push(residentOf(child.pid!));
      }
      return Math.min(...found);
    },
  };
}

/** Resident memory of a process. MiB. */
const residentOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

/** Goes on asking until the work is done, as an address of its own, and says what it was told. */
export async function meanwhile<T>(
  gateway: GatewayProcess,
  work: () => Promise<T>,
): Promise<{ done: T; answers: unknown[] }> {
  let over = false;
  const answers: unknown[] = [];
  const asking = (async () => {
    while (!over || answers.length === 0) {
      answers.push((await gateway.ask(QUESTION, { from: '198.51.100.7' })).body);
      await pause(20); // within what an address may ask for in a minute
    }
  })();
  const done = await work().finally(() => {
    over = true;
  });
  await asking;
  return { done, answers };
}
