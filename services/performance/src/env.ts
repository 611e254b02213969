/** This service's variables, parsed once; the only reader of the environment. */
import { parseEnv, serviceEnv } from '@merit/chassis/env';
import { z } from 'zod';

const schema = z.object({ ...serviceEnv });
export type Env = z.infer<typeof schema>;

/** Prints every problem and exits when something is missing or wrong. */
export const readEnv = (source: NodeJS.ProcessEnv = process.env): Env => parseEnv(schema, source);
