import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restoredMark } from "@voltfog/ledger/node";
import { silentLogger } from "@voltfog/runtime";
import { systemClock, systemRandom } from "@voltfog/runtime/node";
import { expect, test } from "vitest";
import type { RsuConfig } from "./config.ts";
import { runRsu } from "./roadside-unit.ts";

test("a unit that came back from a backup does not write on its old log", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "voltfog-restored-"));
  writeFileSync(join(dataDir, restoredMark.file), restoredMark.text);
  const ports = { logger: silentLogger, clock: systemClock, random: systemRandom };
  const started = runRsu({ dataDir } as RsuConfig, ports);
  await expect(started).rejects.toMatchObject({ code: "UNIT_RESTORED" });
});
