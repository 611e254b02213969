/** The figures, as Prometheus asks for them. */
import { createHttp } from '@merit/chassis/api/http';
import { measureProcess, registry } from '@merit/chassis/telemetry';
import type { FastifyInstance } from 'fastify';
import { figures } from './figures.js';
import type { GatewayOptions } from './server.js';

/** At `/metrics`, on a port of their own where one is named, else beside the graph. Gives what ends it. */
export async function serveMetrics(
  app: FastifyInstance,
  { metrics, log }: Pick<GatewayOptions, 'metrics' | 'log'>,
): Promise<() => Promise<void>> {
  measureProcess();
  const own = metrics ? createHttp({ log, bodyLimit: 1_024 }) : app;
  own.get('/metrics', async (_, reply) => reply.type(registry.contentType).send(await figures()));
  if (!metrics) return async () => undefined;
  await own.listen(metrics);
  return () => own.close();
}
