import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logOrigin } from "@voltfog/ledger";
import { fsckLog, TelemetryLog } from "@voltfog/ledger/node";
import { silentLogger } from "@voltfog/runtime";
import { createSigningKey, nodeCrypto, systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AppendLoad, appendAll } from "./append-load.ts";

describe("the load on a log", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "append-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function appended(load: AppendLoad) {
    const log = await TelemetryLog.open({
      folder: join(folder, "log"),
      origin: logOrigin({ chain: "bench", unitId: "unit-1" }),
      signer: createSigningKey(join(folder, "key")),
      crypto: nodeCrypto,
      logger: silentLogger,
    });
    const { entries } = await appendAll({ log, load, clock: systemClock });
    const stored = await log.read({ from: 0, limit: entries });
    await log.close();
    return { entries, stored, report: await fsckLog(join(folder, "log")) };
  }

  it("puts as many entries into the log as it says, all different, in sequence per writer", async () => {
    const load = { writers: 3, group: 5, entries: 60, body_bytes: 0 };
    const { entries, stored, report } = await appended(load);
    expect(report).toMatchObject({ ok: true, entries: 60, samples: 60 * 64 });
    expect(entries).toBe(60);
    expect(new Set(stored.map(({ entryBytes }) => entryBytes.join())).size).toBe(60);
    for (const writer of [0, 1, 2]) {
      const own = stored.filter(({ vehicleId }) => vehicleId === `vehicle-${writer}`);
      expect(own.map(({ entry }) => entry)).toMatchObject(own.map((_, i) => ({ sequence: i + 1 })));
      expect(own).toHaveLength(20);
    }
  });

  it("carries bodies that the entries commit to", async () => {
    const { report, stored } = await appended({
      writers: 2,
      group: 4,
      entries: 16,
      body_bytes: 700,
    });
    expect(report.ok).toBe(true);
    expect(stored.every(({ frame }) => frame?.length === 700)).toBe(true);
  });
});
