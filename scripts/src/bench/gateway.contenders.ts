/** Who is measured, each a process of its own before the same services. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '@merit/infra/process';
import { ROOT, SERVICES } from '../start.plan.js';
import { type Child, startChild } from './child.js';
import type { World } from './events.world.js';
import type { Document } from './gateway.documents.js';
import { asksOf } from './gateway.documents.js';

export interface Contender {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly merit: boolean;
  readonly answers: (document: Document) => boolean;
  readonly stop: () => Promise<void>;
}

const SUPERGRAPH = path.join(ROOT, 'gateway/supergraph.graphql');
/** Documents for which an endpoint was written by hand. */
const BY_HAND = new Set(['Person', 'Team', 'Unit']);
const script = (name: string) => path.join(ROOT, 'scripts/dist/bench', name);

/** Merit's own gateway, as the world runs it. Its process number is asked anew: it is another after a restart. */
export const merit = ({ merit: running }: World): Contender => ({
  name: 'Merit',
  url: running.gatewayUrl.replace('localhost', '127.0.0.1'),
  pid: running.processes().gateway!,
  merit: true,
  answers: () => true,
  stop: async () => undefined,
});

const graph = async (
  name: string,
  command: readonly [string, ...string[]],
  world: World,
  more: Readonly<Record<string, string>> = {},
): Promise<Contender> => {
  const urls = Object.fromEntries(
    SERVICES.map((service) => [`${service.toUpperCase()}_URL`, world.merit.urls[service]]),
  );
  const env = { ...urls, SUPERGRAPH, NODE_ENV: 'production', LOG_LEVEL: 'error', ...more };
  return contender(name, await startChild({ command, env, port: await freePort() }), () => true);
};

const contender = (name: string, { url, pid, stop }: Child, answers: Contender['answers']): Contender => ({
  ...{ name, url, pid, stop, answers },
  merit: false,
});

export const stock = (world: World) =>
  graph('stock @apollo/gateway', [process.execPath, script('contender.stock.js')], world);

export const hiveGateway = (world: World) =>
  graph('Hive Gateway', [process.execPath, path.join(ROOT, 'infra/routers/hive-gateway.mjs')], world);

/** Null where its program is not found: in the PATH, or by HIVE_ROUTER. */
export async function hiveRouter(world: World, given: string | undefined): Promise<Contender | null> {
  const places = (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, 'hive_router'));
  const program = [given ?? '', ...places].find((file) => file !== '' && existsSync(file));
  if (!program) return null;
  const ROUTER_CONFIG_FILE_PATH = path.join(ROOT, 'infra/routers/hive-router.yaml');
  return graph('Hive Router', [program], world, { ROUTER_CONFIG_FILE_PATH, SUPERGRAPH_FILE_PATH: SUPERGRAPH });
}

export async function byHand({ merit: { databases } }: World): Promise<Contender> {
  const env = Object.fromEntries(SERVICES.map((name) => [`${name.toUpperCase()}_DATABASE_URL`, databases[name]!]));
  const command = [process.execPath, script('contender.sql.js')] as const;
  const child = await startChild({ command, env, port: await freePort() });
  return contender('SQL by hand', child, ({ operationName }) => BY_HAND.has(operationName));
}

/** Plain Node, with the answers of the known document that Merit gave. */
export async function bytes(world: World, document: Document, folder: string): Promise<Contender> {
  const ours = merit(world);
  const answers: Record<string, unknown> = {};
  for (const { path: address, headers } of asksOf(document, true)) {
    // As many callers, or the account of one would be empty before all answers are here.
    answers[address] = await (await fetch(ours.url + address, { headers })).json();
  }
  const file = path.join(folder, 'answers.json');
  writeFileSync(file, JSON.stringify(answers));
  const command = [process.execPath, script('contender.static.js')] as const;
  const child = await startChild({ command, env: { ANSWERS: file }, port: await freePort() });
  return { ...contender('static JSON', child, ({ name }) => name === document.name), merit: true };
}
