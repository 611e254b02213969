import { parseEnv, serviceEnv } from '@merit/chassis/env';
import { z } from 'zod';

const loopback = ['127.0.0.1', '::1', 'localhost'];

const schema = z.object({
  NODE_ENV: serviceEnv.NODE_ENV.refine((value) => value !== 'production', {
    message: 'is production: this provider gives anyone a token of anyone, so name a real one in OIDC_ISSUER',
  }),
  PORT: serviceEnv.PORT,
  HOST: serviceEnv.HOST.refine((value) => loopback.includes(value), {
    message: 'must be a loopback address: this provider gives anyone a token of anyone',
  }),
  OIDC_AUDIENCE: serviceEnv.OIDC_AUDIENCE,
  /** The folder of the signing keys, which outlive a restart, and the tokens with them. */
  IDENTITY_DATA: z.string().trim().min(1),
  /** The file of the people who can be chosen, as the seed writes it; it may come later. */
  MERIT_PEOPLE: z.string().trim().min(1),
  LOG_LEVEL: serviceEnv.LOG_LEVEL,
});

export type IdentityEnv = z.infer<typeof schema>;

/** The variables of the embedded identity provider; prints every problem at once and exits 1. */
export const readEnv = (source: NodeJS.ProcessEnv = process.env): IdentityEnv => parseEnv(schema, source);
