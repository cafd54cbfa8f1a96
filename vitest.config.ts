import { defineConfig } from "vitest/config";

/** The three suites; scripts/test.ts runs and counts each. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["{api,bin,cli,operator,runtime,scripts,worker}/**/*.test.ts", "test/{bench,support}/**/*.test.ts"],
        },
      },
      { test: { name: "integration", include: ["test/integration/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 } },
      {
        test: {
          name: "parity",
          include: ["test/parity/**/*.test.ts"],
          // Each test runs whole commands that use all CPUs: one at a time, and with time for a busy machine.
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
