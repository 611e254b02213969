/** One process of the gateway: its contracts → server → orderly stop. */
import { hostname } from 'node:os';
import { createVerifier, identityOf } from '@merit/chassis/api/identity';
import type { Logger } from '@merit/chassis/log';
import { stopOnSignal } from '@merit/chassis/shutdown';
import { startTracing } from '@merit/chassis/tracing';
import { openTransport } from '@merit/chassis/transport/transport.open';
import { readContracts } from './contracts.js';
import type { GatewayEnv } from './env.js';
import { startGateway } from './server.js';

/** The port that OpenTelemetry names for figures. */
const METRICS_PORT = 9464;

export async function serve(env: GatewayEnv, log: Logger): Promise<void> {
  const development = env.NODE_ENV !== 'production';
  const stopTracing = await startTracing('gateway', env, log);
  const transport = env.KAFKA_BROKERS || env.EVENT_LOG_URL ? await openTransport(env, log) : undefined;
  // Its own name, the same after a restart, so that no readers are left behind.
  const place = env.GATEWAY_PLACE === undefined ? '' : `-${env.GATEWAY_PLACE}`;
  const metricsPort = env.METRICS_PORT ?? (development ? undefined : METRICS_PORT);
  const gateway = await startGateway({
    host: env.HOST,
    port: env.PORT,
    metrics: metricsPort === undefined ? undefined : { host: env.METRICS_HOST, port: metricsPort },
    contracts: await readContracts(env.GRAPHS, { development, origins: env.CORS_ORIGINS }),
    subgraphs: {
      personnel: env.PERSONNEL_URL,
      performance: env.PERFORMANCE_URL,
      competency: env.COMPETENCY_URL,
      feedback: env.FEEDBACK_URL,
    },
    verify: createVerifier(identityOf(env), log),
    log,
    trustedProxies: env.TRUSTED_PROXIES,
    events: transport && { transport, group: `gateway-${hostname()}-${env.PORT}${place}` },
    development,
    examplesFile: env.EXAMPLES_FILE,
    subgraphTimeoutMs: env.SUBGRAPH_TIMEOUT_MS,
    requestTimeoutMs: env.REQUEST_TIMEOUT_MS,
    connections: {
      headersTimeoutMs: env.HEADERS_TIMEOUT_MS,
      answerTimeoutMs: env.ANSWER_TIMEOUT_MS,
      keepAliveMs: env.KEEP_ALIVE_MS,
    },
    mostConnections: env.MOST_CONNECTIONS,
    mostUnderWay: env.MOST_UNDER_WAY,
    mostAnswerBytes: env.MOST_ANSWER_BYTES,
  });
  log.info({ url: gateway.url }, 'the gateway is listening');
  stopOnSignal(log, [gateway.stop, async () => transport?.close(5_000), stopTracing]);
}
