/** A process as services are: everything that they load of the chassis; says which of OpenTelemetry's packages that was. */
import { createRequire } from 'node:module';
import '../../src/in/consumer.js';
import '../../src/out/relay.js';
import '../../src/api/server.js';
import '../../src/transport/transport.open.js';
import { createLog } from '../../src/log.js';
import { startTracing } from '../../src/tracing.js';

const [endpoint] = process.argv.slice(2);
const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: 1 };
const stop = await startTracing('test', env, createLog('test', 'silent'));
const files = Object.keys(createRequire(import.meta.url).cache);
const packages = files.flatMap((file) => /@opentelemetry\/[\w-]+(?!.*@opentelemetry)/.exec(file)?.[0] ?? []);
console.log(JSON.stringify([...new Set(packages)].sort()));
await stop();
