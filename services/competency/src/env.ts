import { parseEnv, serviceEnv } from '@merit/chassis/env';
import { z } from 'zod';

/** This service's variables: those that all services share, and none of its own. */
const envSchema = z.object(serviceEnv);

export const readEnv = (source: NodeJS.ProcessEnv = process.env) => parseEnv(envSchema, source);
