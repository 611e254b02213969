/**
 * Hive Gateway in the place of Merit's gateway for the staff graph, as a process of its own:
 *   node infra/routers/hive-gateway.mjs
 * Variables as the gateway has them: PORT, HOST, PERSONNEL_URL and the others, and SUPERGRAPH for another file. Plain
 * JavaScript, so that it runs where nothing is built.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import http from '@graphql-mesh/transport-http';

const { env } = process;
const SERVICES = { personnel: 4001, performance: 4002, competency: 4003, feedback: 4004 };
/** What a service is told of the client, beside the question. */
const TOLD = ['authorization', 'x-merit-purpose', 'x-request-id', 'traceparent'];

const supergraph = env.SUPERGRAPH || fileURLToPath(new URL('../../gateway/supergraph.graphql', import.meta.url));
const gateway = createGatewayRuntime({
  supergraph: readFileSync(supergraph, 'utf8'),
  transports: { http },
  transportEntries: Object.fromEntries(
    Object.entries(SERVICES).map(([name, port]) => [
      name,
      { location: env[`${name.toUpperCase()}_URL`] || `http://127.0.0.1:${port}/graphql` },
    ]),
  ),
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) =>
      Object.fromEntries(TOLD.map((name) => [name, request.headers.get(name) ?? undefined])),
  },
  // The services word their own errors by Merit's closed list; nothing is added to them.
  subgraphErrors: { errorCode: false, subgraphNameProp: false },
  graphqlEndpoint: '/graphql',
  healthCheckEndpoint: '/health/live',
  readinessCheckEndpoint: '/health/ready',
  landingPage: false,
  graphiql: false,
  disableIntrospection: { isDisabled: () => true },
  csrfPrevention: { requestHeaders: ['apollo-require-preflight', 'x-request-id'] },
  upstreamTimeout: 10_000,
  requestDeadline: 15_000,
  logging: 'warn',
});

const server = createServer(gateway);
server.listen(Number(env.PORT || 4012), env.HOST || '127.0.0.1');
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => gateway.dispose());
    server.closeIdleConnections();
  });
}
