import { defineConfig } from 'vitest/config'

/** Unit tests sit beside the code; `tests/` holds what needs a running node, a foreign program or minutes. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // These machines are shared: a test may wait for its turn.
          testTimeout: 30_000,
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
