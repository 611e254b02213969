/** One configuration for every test: unit, integration and end to end. */
export default {
  rootDir: '..',
  testMatch: ['<rootDir>/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/\\.merit/'],
  modulePathIgnorePatterns: ['/dist/', '/\\.merit/', '/\\.turbo/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
  moduleNameMapper: {
    '^@merit/proto/contracts$': '<rootDir>/proto/contracts.ts',
    '^@merit/proto/(.*)$': '<rootDir>/proto/gen/merit/$1/v1/events_pb.ts',
    '^@merit/(chassis|directory)/(.*)$': '<rootDir>/services/$1/src/$2.ts',
    '^@merit/infra/(.*)$': '<rootDir>/infra/$1.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  globalSetup: '<rootDir>/.config/jest-global-setup.mjs',
  globalTeardown: '<rootDir>/.config/jest-global-teardown.mjs',
  testEnvironment: 'node',
  testTimeout: 120_000,
  maxWorkers: 2,
};
