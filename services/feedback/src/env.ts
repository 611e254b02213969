/** This service's variables, read once. */
import { parseEnv, serviceEnv } from '@merit/chassis/env';
import { z } from 'zod';

/** The variables, or every problem with them at once and the end of the process. */
export const readEnv = (source: NodeJS.ProcessEnv = process.env) =>
  parseEnv(
    z.object({
      ...serviceEnv,
      /**
       * From what survey tokens and the senders' secrets are made: any long random text, the same in every process.
       * Without it the key lies in the service's own database, where a copy of that tells it.
       */
      FEEDBACK_SECRET: z.string().min(32).optional(),
    }),
    source,
  );
