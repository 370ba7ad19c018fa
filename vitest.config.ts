import { defineConfig } from 'vitest/config';

const shared = { environment: 'node' as const, testTimeout: 30_000, hookTimeout: 60_000 };

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
