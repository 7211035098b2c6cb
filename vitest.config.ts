import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { fullDatasets } from "./datasets/src/testing/full-datasets.ts";

/** Optional real components: used when present, named when absent, required in CI. */
const optional = [
  {
    component: "chromium",
    isPresent: () => existsSync("/usr/bin/chromium"),
    tests: "test/system/pages.test.ts",
  },
  {
    component: "chromium",
    isPresent: () => existsSync("/usr/bin/chromium"),
    tests: "test/system/pages-maintenance.test.ts",
  },
  {
    component: "chromium",
    isPresent: () => existsSync("/usr/bin/chromium"),
    tests: "test/system/pages-chain.test.ts",
  },
  {
    component: "chromium",
    isPresent: () => existsSync("/usr/bin/chromium"),
    tests: "test/system/pages-sign-in.test.ts",
  },
  {
    component: "chromium",
    isPresent: () => existsSync("/usr/bin/chromium"),
    tests: "test/system/pages-market.test.ts",
  },
  {
    component: "prometheus",
    isPresent: () => existsSync("/usr/bin/prometheus"),
    tests: "test/system/grafana.test.ts",
  },
  {
    component: "libfaketime",
    isPresent: () =>
      readdirSync("/usr/lib").some((folder) =>
        existsSync(join("/usr/lib", folder, "faketime", "libfaketimeMT.so.1")),
      ),
    tests: "test/faults/clock.test.ts",
  },
  {
    component: "libfaketime",
    isPresent: () =>
      readdirSync("/usr/lib").some((folder) =>
        existsSync(join("/usr/lib", folder, "faketime", "libfaketimeMT.so.1")),
      ),
    tests: "test/faults/validator-clock.test.ts",
  },
  {
    component: "strace",
    isPresent: () => existsSync("/usr/bin/strace"),
    tests: "test/faults/sync-order.test.ts",
  },
  {
    component: "mosquitto_pub",
    isPresent: () => existsSync("/usr/bin/mosquitto_pub"),
    tests: "test/system/mosquitto-clients.test.ts",
  },
  {
    component: "influxd",
    isPresent: () => existsSync("/usr/bin/influxd"),
    tests: "cloud/src/store/influx-contract.test.ts",
  },
  {
    component: "nats-server",
    isPresent: () => existsSync("/usr/sbin/nats-server"),
    tests: "test/faults/backbone.test.ts",
  },
  {
    component: "nats-server and influxd",
    isPresent: () => existsSync("/usr/sbin/nats-server") && existsSync("/usr/bin/influxd"),
    tests: "test/system/nats-and-influx.test.ts",
  },
  {
    component: "mariadbd",
    isPresent: () => existsSync("/usr/sbin/mariadbd"),
    tests: "**/*.mariadb.test.ts",
  },
  { component: "anvil", isPresent: anvilIsThere, tests: "**/*.anvil.test.ts" },
  { component: "anvil", isPresent: anvilIsThere, tests: "test/system/anchor.test.ts" },
];
/** Where npm brought the Ethereum node for this platform. */
function anvilIsThere(): boolean {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const platform = `node_modules/@foundry-rs/anvil-${process.platform}-${arch}`;
  return existsSync(join(import.meta.dirname, platform, "bin/anvil"));
}

const missing =
  process.env["CI"] === "true" ? [] : optional.filter(({ isPresent }) => !isPresent());
for (const { component, tests } of missing) {
  process.stderr.write(`${component} is not installed: ${tests} is left out\n`);
}
const absent = missing.map(({ tests }) => tests);
// Rights of the user and of the machine, which no package brings.
const rights = [
  {
    isGiven: mayMount,
    lack: "a file system cannot be mounted here",
    tests: "test/faults/full-disk.test.ts",
  },
  {
    isGiven: mayMount,
    lack: "a file system cannot be mounted here",
    tests: "test/faults/disk-warning.test.ts",
  },
  {
    isGiven: mayFilter,
    lack: "no network namespace with nft can be made here",
    tests: "fog-rsu/src/traffic/linux/nft-namespace.test.ts",
  },
  {
    isGiven: mayTrace,
    lack: "processes cannot be traced here",
    tests: "test/faults/sync-order.test.ts",
  },
];
for (const { lack, tests } of rights.filter(({ isGiven }) => !isGiven())) {
  if (absent.includes(tests)) continue;
  process.stderr.write(`${lack}: ${tests} is left out\n`);
  absent.push(tests);
}

const unitExclude = ["**/node_modules/**", "**/dist/**", ...absent];
// Not all public datasets may be shipped; tests that read the others look for them beside the checkout.
if (!existsSync(fullDatasets)) {
  const tests = "**/*.data.test.ts";
  process.stderr.write(`the full datasets are not beside the checkout: ${tests} is left out\n`);
  unitExclude.push(tests);
}

function mayMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "voltfog-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4096", "tmpfs", folder], { stdio: "ignore" });
    execFileSync("umount", [folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

/** A namespace of its own, in which nft may set rules. */
function mayFilter(): boolean {
  const name = `voltfog-probe-${process.pid}`;
  const probe = `ip netns add ${name} && ip netns exec ${name} nft list ruleset; code=$?; ip netns delete ${name}; exit $code`;
  return spawnSync("sh", ["-c", probe], { stdio: "ignore" }).status === 0;
}

/** As the tests do: another process, by its number. True also where there is no strace, which is said elsewhere. */
function mayTrace(): boolean {
  const attach = "sleep 0.2 & exec strace -qq -o /dev/null -p $!";
  return spawnSync("sh", ["-c", attach], { stdio: "ignore" }).status !== 1;
}

/**
 * Whole sites mostly wait; more than two at a time would keep each other from their work. They come last.
 * The timeouts are a guard against a hang: each wait of a test has its own limit. Some twenty processes on a
 * busy machine may miss one such limit: scripts/test.mjs runs such a file once more, alone and from its start.
 */
const wholeSites = {
  maxWorkers: 2,
  sequence: { groupOrder: 1 },
  testTimeout: 600_000,
  hookTimeout: 600_000,
};

/** Tests run from the sources; what crosses packages and starts real processes is its own project. */
export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    // Unless told, one core would be left idle.
    maxWorkers: availableParallelism(),
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["**/src/**/*.test.ts"],
          exclude: unitExclude,
          // A guard against a hang, not a measure: simulations and fuzzing take what the machine gives.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: { name: "structure", include: ["test/structure/**/*.test.ts"], testTimeout: 300_000 },
      },
      {
        extends: true,
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts"],
          exclude: absent,
          ...wholeSites,
        },
      },
      {
        extends: true,
        test: {
          name: "hardening",
          include: ["test/faults/**/*.test.ts", "test/forgery/**/*.test.ts"],
          exclude: absent,
          ...wholeSites,
        },
      },
    ],
  },
});
