import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Optional real components: used when present, named when absent, required in CI. */
const optional = [
  { component: "chromium", path: "/usr/bin/chromium", tests: "test/system/pages.test.ts" },
  {
    component: "mosquitto_pub",
    path: "/usr/bin/mosquitto_pub",
    tests: "test/system/mosquitto-clients.test.ts",
  },
];
const absent = process.env["CI"] === "true" ? [] : optional.filter(({ path }) => !existsSync(path));
for (const { component, tests } of absent) {
  process.stderr.write(`${component} is not installed: ${tests} is left out\n`);
}

/** Tests run from the sources; what crosses packages and starts real processes is its own project. */
export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["**/src/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**"],
          // A guard against a hang, not a measure: simulations and fuzzing take what the machine gives.
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: { name: "structure", include: ["test/structure/**/*.test.ts"], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts", "test/forgery/**/*.test.ts"],
          exclude: absent.map(({ tests }) => tests),
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          exclude: absent.map(({ tests }) => tests),
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
