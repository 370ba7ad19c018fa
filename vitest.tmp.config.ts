import { defineConfig } from 'vitest/config';
export default defineConfig({
  root: '/work/wt/api',
  test: {
    environment: 'node',
    testTimeout: 30000,
    include: ['test/services/**/*.test.ts'],
    globalSetup: process.env.NOKIT ? [] : ['test/kit/global-setup.ts'],
  },
});
