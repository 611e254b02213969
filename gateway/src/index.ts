import cluster from 'node:cluster';
import { createLog } from '@merit/chassis/log';
import { exitOnUnhandled } from '@merit/chassis/shutdown';
import { readEnv } from './env.js';

const env = readEnv();
const log = createLog('gateway', env.LOG_LEVEL);
exitOnUnhandled(log);

// Whoever only looks after others loads nothing of what they do.
if (env.GATEWAY_PROCESSES > 1 && cluster.isPrimary) {
  const { keepProcesses } = await import('./processes.js');
  keepProcesses(env.GATEWAY_PROCESSES, env.PORT, log);
} else {
  const { serve } = await import('./serve.js');
  await serve(env, log);
}
