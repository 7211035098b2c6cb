import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDuckDbStore } from "./duckdb-store.ts";

const program = fileURLToPath(new URL("../testing/committing-process.ts", import.meta.url));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cloud-kill-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Kills the process in the middle of its work, once it has said that many commits hold. */
function killAfter(commits: number): Promise<number> {
  const child = spawn(
    process.execPath,
    ["--conditions=source", "--import", "tsx", program, folder],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let said = "";
  child.stdout.on("data", (part: Buffer) => {
    said += part.toString();
    if (said.split("\n").length > commits) child.kill("SIGKILL");
  });
  return new Promise((resolve) => {
    child.on("close", () => resolve(Number(said.trim().split("\n").at(-1))));
  });
}

test("what a killed process had committed is there, whole and once", async () => {
  for (const commits of [1, 3, 8]) {
    const committed = await killAfter(commits);
    const store = await openDuckDbStore({ folder, memoryMax_bytes: 256e6, clock: systemClock });
    const { size } = await store.position("unit-1");
    const [totals] = await store.vehicleTotals();
    const history = await store.history({ vehicleId: "car-1", from_ms: 0, to_ms: 1e9, points: 2 });
    const entries = await store.entryBytes({ unitId: "unit-1", from: 0, to: 1e9 });
    await store.close();
    expect(size).toBeGreaterThanOrEqual(committed);
    expect(entries).toHaveLength(size);
    expect(totals?.frames.logged).toBe(size);
    expect(totals?.samples.logged).toBe(10 * size);
    expect(history.buckets.reduce((sum, { samples }) => sum + samples, 0)).toBe(10 * size);
  }
}, 60_000);
