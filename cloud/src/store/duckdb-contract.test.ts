import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe } from "vitest";
import { storeContract } from "../testing/store-contract.ts";
import { openDuckDbStore } from "./duckdb-store.ts";
import type { EntryBatch, TelemetryStore } from "./telemetry-store.ts";

let folder: string;
let store: TelemetryStore;

const open = (): Promise<TelemetryStore> =>
  openDuckDbStore({ folder, memoryMax_bytes: 512e6, clock: systemClock });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloud-store-"));
  store = await open();
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("samples in DuckDB", () => {
  storeContract(() => ({ store, reopen }));
});

describe("samples in DuckDB that are settled after each commit", () => {
  storeContract(() => ({ store: settling(store), reopen }));
});

async function reopen(): Promise<TelemetryStore> {
  await store.close();
  store = await open();
  return store;
}

function settling(inner: TelemetryStore): TelemetryStore {
  return new Proxy(inner, {
    get(target, name) {
      const own: unknown = Reflect.get(target, name);
      if (typeof own !== "function") return own;
      if (name !== "commitEntries") return own.bind(target);
      return async (batch: EntryBatch) => {
        const commit = await target.commitEntries(batch);
        await target.settle();
        return commit;
      };
    },
  });
}
