import { jest } from '@jest/globals';
import { z } from 'zod';
import { parseEnv, serviceEnv } from './env.js';
import { kafkaOptions } from './env.kafka.js';

const schema = z.object({ ...serviceEnv, EXTRA: z.string().optional() });
const good = {
  PORT: '4001',
  DATABASE_URL: 'postgresql://merit@localhost/competency',
  OIDC_ISSUER: 'http://localhost:4010',
};

test('what is there is read, and the rest has its default', () => {
  expect(parseEnv(schema, { ...good, KAFKA_BROKERS: '', LOG_LEVEL: 'debug', DATABASE_POOL: '20' })).toEqual({
    NODE_ENV: 'development',
    PORT: 4001,
    HOST: '127.0.0.1',
    DATABASE_URL: good.DATABASE_URL,
    DATABASE_POOL: 20,
    OIDC_ISSUER: good.OIDC_ISSUER,
    OIDC_AUDIENCE: 'merit',
    OIDC_EMPLOYEE_CLAIM: 'merit_employee',
    OIDC_CLIENT_CLAIM: 'merit_client',
    OTEL_TRACES_SAMPLER_ARG: 1,
    DIRECTORY_STALE_MINUTES: 15,
    LOG_LEVEL: 'debug',
  });
});

/** What is said before the process ends. */
function refusalOf(source: NodeJS.ProcessEnv): string[] {
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('exit');
  });
  const written: string[] = [];
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  try {
    expect(() => parseEnv(schema, source)).toThrow('exit');
    expect(exit).toHaveBeenCalledWith(1);
  } finally {
    exit.mockRestore();
    write.mockRestore();
  }
  return written.join('').trim().split('\n');
}

test('every problem is told at once, without the values, and the process ends', () => {
  const bad = {
    ...good,
    PORT: '70000',
    DATABASE_URL: 'mysql://root:secret@host/db',
    OIDC_ISSUER: '',
    LOG_LEVEL: 'loud',
  };
  const lines = refusalOf(bad);
  expect(lines).toHaveLength(5);
  for (const name of ['PORT', 'DATABASE_URL', 'OIDC_ISSUER: is missing', 'LOG_LEVEL']) {
    expect(lines.filter((line) => line.includes(name))).toHaveLength(1);
  }
  expect(lines.join('\n')).not.toContain('secret');
});

test('the name that anyone may take in development is no ADMIN in production', () => {
  const production = { ...good, NODE_ENV: 'production' };
  const ofFirstAdmin = expect.stringMatching(/MERIT_FIRST_ADMIN: is `system`, which is for development; name/);
  expect(refusalOf({ ...production, MERIT_FIRST_ADMIN: ' system ' })).toEqual([expect.any(String), ofFirstAdmin]);
  expect(refusalOf({ ...production, MERIT_FIRST_ADMIN: 'system', PORT: 'x' })).toContainEqual(ofFirstAdmin);
  expect(parseEnv(schema, { ...production, MERIT_FIRST_ADMIN: 'ani' })).toMatchObject({ MERIT_FIRST_ADMIN: 'ani' });
  expect(parseEnv(schema, { ...good, MERIT_FIRST_ADMIN: 'system' })).toMatchObject({ MERIT_FIRST_ADMIN: 'system' });
});

describe('Kafka', () => {
  const signed = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_USERNAME: 'merit', KAFKA_PASSWORD: ' secret ' };
  test.each([
    [{ KAFKA_BROKERS: 'kafka' }, 'KAFKA_BROKERS: must be host:port'],
    [{ KAFKA_TLS: 'yes' }, 'KAFKA_TLS'],
    [{ KAFKA_CA_FILE: '/ca.pem' }, 'KAFKA_CA_FILE: has no use without KAFKA_TLS=true'],
    [{ KAFKA_TLS: 'true', KAFKA_CERT_FILE: '/c.pem' }, 'KAFKA_KEY_FILE: is missing beside KAFKA_CERT_FILE'],
    [{ KAFKA_TLS: 'true', KAFKA_KEY_FILE: '/c.key' }, 'KAFKA_CERT_FILE: is missing beside KAFKA_KEY_FILE'],
    [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_USERNAME: 'm' }, 'KAFKA_PASSWORD: is missing'],
    [{ KAFKA_USERNAME: 'm', KAFKA_PASSWORD: 'secret' }, 'KAFKA_SASL_MECHANISM: is missing'],
    [{ ...signed, KAFKA_SASL_MECHANISM: 'plain', NODE_ENV: 'production' }, 'sends the password for anyone to read'],
  ])('%j is refused', (variables, words) => {
    const lines = refusalOf({ ...good, ...variables });
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain(words);
    expect(lines.join('')).not.toContain('secret');
  });

  test('is reached as the variables say, and makes no topics in production unless told', () => {
    const env = parseEnv(schema, { ...good, ...signed, KAFKA_BROKERS: 'a:1, b:2', KAFKA_TLS: 'true' });
    expect(kafkaOptions(env)).toEqual({
      brokers: ['a:1', 'b:2'],
      security: {
        tls: { caFile: undefined, certFile: undefined, keyFile: undefined },
        sasl: { mechanism: 'scram-sha-512', username: 'merit', password: ' secret ' },
      },
      createTopics: true,
    });
    expect(kafkaOptions({ ...env, NODE_ENV: 'production' })?.createTopics).toBe(false);
    expect(kafkaOptions({ ...env, NODE_ENV: 'production', KAFKA_CREATE_TOPICS: 'true' })?.createTopics).toBe(true);
    expect(kafkaOptions({})).toBeNull();
  });
});
