import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fsckLog } from "./fsck.ts";
import { openLogReader } from "./log-reader.ts";
import type { FileExtent } from "./log-snapshot.ts";
import { TelemetryLog } from "./telemetry-log.ts";
import { newSigner, SampleItems, sampleOptions } from "./testing/sample-log.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "log-snapshot-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function copy(from: string, to: string, extents: readonly FileExtent[]): void {
  for (const extent of extents) {
    const path = join(to, extent.path);
    mkdirSync(dirname(path), { recursive: true });
    const bytes =
      "bytes" in extent
        ? extent.bytes
        : readFileSync(join(from, extent.path)).subarray(0, extent.length_bytes);
    writeFileSync(path, bytes);
  }
}

it("a copy taken beside a writer is a sound log of the size that was read", async () => {
  const folder = join(root, "log");
  const log = await TelemetryLog.open(
    sampleOptions(folder, { signer: newSigner(), segmentMax_bytes: 20_000 }),
  );
  const source = new SampleItems(5);
  const readers = [await openLogReader(folder)];
  for (let round = 0; round < 12; round++) {
    await log.append(source.take(70));
    if (round % 3 === 1) await log.publish();
    readers.push(await openLogReader(folder));
  }
  // The writer goes on between reading and copying: what it replaces meanwhile must not matter.
  const extents = readers.map((reader) => reader.extent());
  await log.append(source.take(300));
  await log.publish();
  for (const [i, extent] of extents.entries()) {
    const target = join(root, `copy-${i}`);
    copy(folder, target, extent);
    const report = await fsckLog(target);
    expect(report).toMatchObject({ ok: true, size: 70 * i });
  }
  await log.close();
});

it("a copy can be written on as the log itself could", async () => {
  const folder = join(root, "log");
  const signer = newSigner();
  const log = await TelemetryLog.open(sampleOptions(folder, { signer }));
  const source = new SampleItems(6);
  await log.append(source.take(300));
  const reader = await openLogReader(folder);
  const target = join(root, "copy");
  copy(folder, target, reader.extent());
  await log.close();
  const again = await TelemetryLog.open(sampleOptions(target, { signer }));
  await again.append(source.take(10));
  await again.close();
  expect(await fsckLog(target)).toMatchObject({ ok: true, size: 310 });
});
