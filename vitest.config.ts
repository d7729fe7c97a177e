import { defineConfig } from 'vitest/config';

const project = (name: string, testTimeout: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    setupFiles: ['test/support/leak-check.setup.ts'],
    testTimeout,
    hookTimeout: 180_000,
  },
});

export default defineConfig({
  test: {
    // Two cores is the reference machine; real ffmpeg and Chromium run beside the tests.
    maxWorkers: 2,
    projects: [
      project('unit', 20_000),
      project('contract', 60_000),
      project('integration', 120_000),
      project('e2e', 240_000),
      project('repo', 60_000),
      project('soak', 60_000),
    ],
  },
});
