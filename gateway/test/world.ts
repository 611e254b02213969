/**
 * A small world on real processes: one agency with a department, a division and a dozen facts, entered through the
 * services' own commands, and a second agency beside it. Every figure in it is small enough to be derived by hand.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectGraph, type Graph } from '../../scripts/src/graph.client.js';
import { type RunningMerit, startMerit } from '../../scripts/src/processes.js';
import { freePorts } from '../../scripts/src/start.ports.js';
import { askToken } from '../../scripts/src/token.ask.js';
import { fill, type Handle, openPlace } from './world.facts.js';

export { eventually } from './eventually.js';
export {
  ANSWERS,
  type Handle,
  HOURS_BEFORE,
  HOURS_WAITING,
  PLAN,
  RESPONDENTS,
  YEAR,
} from './world.facts.js';

// biome-ignore lint/suspicious/noExplicitAny: a GraphQL answer is what the query asked for
export type Answer = { status: number; data: any; errors: any[]; text: string };

export interface World {
  readonly merit: RunningMerit;
  readonly dataDir: string;
  readonly people: Readonly<Record<Exclude<Handle, 'system'>, string>>;
  readonly agencyId: string;
  readonly unitId: string;
  readonly serviceId: string;
  readonly courseId: string;
  readonly enrolmentId: string;
  /** The graph as someone, or as the public; whole answers, errors included. */
  readonly asked: (as: Handle | null, query: string, variables?: Record<string, unknown>) => Promise<Answer>;
  /** The same for what must go well. */
  readonly as: (handle: Handle) => Graph;
  readonly tokenOf: (handle: Handle) => string;
  /** A place in a session of its own that waits to be completed. */
  readonly openPlace: (employeeId: string, code: string, hours?: number) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Starts all processes on free ports and a folder of their own, and fills them. */
export async function startWorld(
  options: { kafkaBrokers?: string | undefined; durable?: boolean; logLevel?: string } = {},
): Promise<World> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'merit world '));
  const merit = await startMerit({ port: await freePorts(), dataDir, durable: false, ...options });
  const close: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const one of close) await one();
    await merit.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const graphs = new Map<Handle, Graph>();
    const tokens = new Map<Handle, string>();
    const signIn = async (handle: Handle) => {
      const token = await askToken(merit.urls.identity, handle);
      const graph = connectGraph(merit.gatewayUrl, token);
      close.push(graph.close);
      graphs.set(handle, graph);
      tokens.set(handle, token);
      return graph;
    };
    const filled = await fill(await signIn('system'), dataDir, signIn);
    return {
      merit,
      dataDir,
      ...filled,
      as: (handle) => graphs.get(handle)!,
      tokenOf: (handle) => tokens.get(handle)!,
      asked: (as, query, variables) => asked(merit.gatewayUrl, as && tokens.get(as)!, query, variables),
      openPlace: (employeeId, code, hours) => openPlace(graphs.get('hr')!, filled.courseId, employeeId, code, hours),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export async function asked(url: string, token: string | null, query: string, variables: object = {}): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const { data = null, errors = [] } = JSON.parse(text);
  return { status: response.status, data, errors, text };
}
