import type { ConnectionLimits } from '@merit/chassis/api/http.connections';
import type { Viewer } from '@merit/chassis/api/viewer';
import type { Logger } from '@merit/chassis/log';
import { openAccounts } from './account.js';
import type { Contract } from './contracts.js';
import { serveEvents } from './events.js';
import { openFront } from './front.js';
import { openGraph } from './graph.js';
import { serveGraphiql } from './graphiql.js';
import { type Graph, openHttp, serveGraphs, serveHealth } from './http.js';
import { type KeepingOptions, openKeeping } from './keeping.js';
import { serveMetrics } from './metrics.js';
import { openConnections } from './subgraphs.js';

export interface GatewayOptions {
  readonly host: string;
  readonly port: number;
  /** The faces of the graph that this process serves. */
  readonly contracts: readonly Contract[];
  /** Where each subgraph of it answers, by name. */
  readonly subgraphs: Readonly<Record<string, string>>;
  /** Where figures are told; beside the graph unless told. */
  readonly metrics?: { readonly host: string; readonly port: number } | undefined;
  /** Who the `Authorization` header says is asking; throws UNAUTHENTICATED when it does not hold. */
  readonly verify: (authorization: string | undefined) => Promise<Viewer>;
  readonly log: Logger;
  /** Whether GraphiQL is offered. */
  readonly development: boolean;
  /** Where the seed wrote the ids for GraphiQL's ready queries. */
  readonly examplesFile?: string | undefined;
  /** The longest that one service may take. */
  readonly subgraphTimeoutMs: number;
  /** The longest that a whole request may take: more than one service may, for some wait for another. */
  readonly requestTimeoutMs: number;
  /** The addresses of proxies whose word on the client's address counts; none unless told. */
  readonly trustedProxies?: readonly string[];
  /** What tells this process of what happens; without it no answers are kept. */
  readonly events?: KeepingOptions['events'];
  /** How many requests may be under way at once; 256 unless told. */
  readonly mostUnderWay?: number;
  /** The largest answer that a service may give, 32 MiB unless told. Bytes. */
  readonly mostAnswerBytes?: number | undefined;
  /** How many connections there may be at once, one address having half of them; 24,000 unless told. */
  readonly mostConnections?: number | undefined;
  /** How long clients may take; the chassis' figures unless told. */
  readonly connections?: Partial<Omit<ConnectionLimits, 'requestTimeoutMs' | 'mostConnections'>>;
}

/** How many connections may wait to be let in; the system's own limit (`net.core.somaxconn`) may be lower. */
const MOST_KNOCKING = 4_096;

/** The gateway, listening. It needs no service to be up: one that is down costs its own fields. */
export async function startGateway(options: GatewayOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const connections = openConnections(options.mostAnswerBytes);
  const graphs: Graph[] = [];
  for (const contract of options.contracts) {
    const spend = openAccounts(contract.name, contract.limits.costPerMinute);
    graphs.push({ contract, spend, apollo: await openGraph(options, contract, connections, spend) });
  }
  const keeping = openKeeping(options);
  const front = openFront(keeping);
  const app = openHttp(options, front);
  serveHealth(app);
  const stopMetrics = await serveMetrics(app, options);
  await serveGraphs(app, graphs, options, { ...keeping, front });
  if (options.development) {
    serveGraphiql(app, options.examplesFile);
    serveEvents(app);
  }
  const url = await app.listen({ host: options.host, port: options.port, backlog: MOST_KNOCKING });
  return {
    url,
    async stop() {
      front.stop();
      // Whoever has not read an answer by the time that every request is over will not read it.
      const cut = setTimeout(() => app.server.closeAllConnections(), options.requestTimeoutMs);
      await app.close(); // takes no new request and answers those under way
      clearTimeout(cut);
      await stopMetrics();
      await keeping.stop();
      await Promise.all(graphs.map(({ apollo }) => apollo.stop()));
      await connections.close();
    },
  };
}
