import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fsckLog } from "@voltfog/ledger/node";
import { systemClock } from "@voltfog/runtime/node";
import { expect, it } from "vitest";
import { measureIngest } from "./ingest-experiment.ts";
import { peersHere } from "./peers.ts";

const main = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url));

it("real processes, a few frames: every row is there and what is kept can be counted", {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "ingest-"));
  try {
    const steps: string[] = [];
    const { rows, items } = await measureIngest(
      {
        clock: systemClock,
        self: [process.execPath, "--conditions=source", "--import", "tsx", main],
        isQuick: true,
        flags: {},
        folder,
        isKept: true,
        progress: ({ done, total, doing }) => steps.push(`${done}/${total} ${doing}`),
      },
      {
        vehicles: 4,
        framesPerVehicle: 24,
        generators: 1,
        inFlight: 2,
        warmUpShare: 0.1,
        peerPasses: 20,
        repeats: 1,
        seed: 1,
      },
    );
    const peers = peersHere().map(({ name }) => name);
    expect(rows.map(({ metric }) => metric)).toEqual(
      expect.arrayContaining([
        "ingest.samples_per_s",
        "ingest.ack_p99_ms",
        "ingest.bytes_per_sample",
        "ingest.peer.aedes.bytes_per_s",
        ...(peers.includes("mosquitto") ? ["ingest.ratio_to_mosquitto"] : []),
      ]),
    );
    const served = "ingest.functions_on.served_share";
    const empty = rows.filter(({ metric, value }) => metric !== served && !(value > 0));
    expect(empty).toEqual([]);
    expect(rows.every(({ n }) => n === 1)).toBe(true);
    // Functions that have only just started may shed every one of so few frames.
    const share = rows.find(({ metric }) => metric === served)?.value;
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
    expect(items.length).toBeGreaterThanOrEqual(3);
    expect(steps.at(-1)).toBe(`${2 + peers.length}/${2 + peers.length} done`);
    const kept = join(folder, "unit-functions-off-1");
    expect(await fsckLog(join(kept, "data"))).toMatchObject({
      ok: true,
      entries: 96,
      samples: 6144,
    });
    expect(readFileSync(join(kept, "times.csv"), "utf8").trim().split("\n")).toHaveLength(97);
    expect(readdirSync(folder)).toContain("aedes-1");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
