import { jest } from '@jest/globals';
import { readEnv } from './env.js';

const good = { PORT: '4005', IDENTITY_DATA: '.merit/identity', MERIT_PEOPLE: '.merit/people.json' };

/** What a process with these variables says before it ends with 1. */
function refusalOf(variables: Record<string, string>): string {
  let said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
  jest.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  expect(() => readEnv({ ...good, ...variables })).toThrow('exit 1');
  jest.restoreAllMocks();
  return said;
}

test('runs on the loopback address in development', () => {
  expect(readEnv(good)).toMatchObject({ PORT: 4005, HOST: '127.0.0.1', OIDC_AUDIENCE: 'merit' });
});

test('refuses to run in production', () => {
  expect(refusalOf({ NODE_ENV: 'production' })).toMatch(/NODE_ENV: is production: this provider gives anyone a token/);
});

test('refuses to be reached from elsewhere', () => {
  expect(refusalOf({ HOST: '0.0.0.0' })).toMatch(/HOST: must be a loopback address/);
});
