import { defineConfig } from 'vitest/config';
import { patienceMs } from './test/kit/events.ts';

const shared = {
  environment: 'node' as const,
  // Longer than a single wait, so that a failure is the wait's sentence and not that the test took too long.
  testTimeout: 3 * patienceMs,
  hookTimeout: 3 * patienceMs,
  expect: { poll: { timeout: patienceMs } },
};

export default defineConfig({
  test: {
    // Two cores and one database server: more workers only wait for each other.
    maxWorkers: 2,
    projects: [
      { test: { ...shared, name: 'house', include: ['test/house.test.ts'] } },
      {
        test: {
          ...shared,
          name: 'parkwatch',
          include: ['test/**/*.test.ts'],
          exclude: ['test/house.test.ts', 'test/containers/**'],
          globalSetup: ['test/kit/global-setup.ts'],
          setupFiles: ['test/kit/property-seed.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'containers',
          include: ['test/containers/**/*.test.ts'],
          testTimeout: 300_000,
        },
      },
    ],
  },
});
