import { jest } from '@jest/globals';
import { z } from 'zod';
import { parseEnv, serviceEnv } from './env.js';

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
