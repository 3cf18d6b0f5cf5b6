import { defineConfig } from 'vitest/config';

const tests = '{packages,services,deploy,benchmarks}/**/*.test.ts';
const testsWithServers = '{packages,services,deploy,benchmarks}/**/*.int.test.ts';
const testsOfChaos = 'benchmarks/**/*.chaos.test.ts';
const notOurs = '**/node_modules/**';

export default defineConfig({
  test: {
    // Ending three servers of a busy machine.
    teardownTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: [tests],
          exclude: [notOurs, testsWithServers, testsOfChaos],
          // Some start a process; on a busy machine that takes longer than the default of 5 s.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: [testsWithServers],
          exclude: [notOurs],
          globalSetup: ['packages/testkit/src/global-setup.ts'],
          // The servers take the cores; files side by side would only time each other out.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'chaos',
          include: [testsOfChaos],
          exclude: [notOurs],
        },
      },
    ],
  },
});
