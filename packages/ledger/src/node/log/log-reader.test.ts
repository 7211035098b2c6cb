import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeEntry } from "../../log/entry.ts";
import { verifyInclusion } from "../../log/proofs.ts";
import { leafHash } from "../../log/tree-hash.ts";
import { openLogReader } from "./log-reader.ts";
import { TelemetryLog } from "./telemetry-log.ts";
import { newSigner, SampleItems, sampleOptions } from "./testing/sample-log.ts";

let folder: string;
const signer = newSigner();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "log-reader-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("openLogReader", () => {
  it("answers as the writer does, beside it and after it", async () => {
    const log = await TelemetryLog.open(sampleOptions(folder, { signer, segmentMax_bytes: 9_000 }));
    const source = new SampleItems(1);
    for (let i = 0; i < 20; i++) {
      const items = source.take(30);
      const { checkpoint } = await log.append(items);
      if (i % 6 === 2) await log.publish();
      const reader = await openLogReader(folder);
      expect(reader.checkpoint).toBe(checkpoint);
      expect({ size: reader.size, root: reader.root }).toEqual({ size: log.size, root: log.root });
      expect(reader.key.publicKey).toEqual(signer.publicKey);
      const range = { from: 30 * i, limit: 30 };
      expect(await reader.read(range)).toEqual(await log.read(range));
      for (const { entry } of items) expect(reader.find(entry)).toBe(log.find(entry));
      const { index, size } = { index: 13 * i, size: reader.size };
      const [stored] = await reader.read({ from: index, limit: 1 });
      const leaf = leafHash(stored?.entryBytes ?? new Uint8Array(), crypto);
      const path = await reader.inclusionPath({ index, size });
      expect(verifyInclusion({ leaf, index, size, path, root: reader.root, crypto })).toBe(true);
    }
    await log.close();
    expect((await openLogReader(folder)).published).toEqual(log.published);
  });

  it("stands still until it is refreshed", async () => {
    const log = await TelemetryLog.open(sampleOptions(folder, { signer, segmentMax_bytes: 9_000 }));
    const source = new SampleItems(2);
    await log.append(source.take(10));
    const reader = await openLogReader(folder);
    const items = source.take(400);
    for (let at = 0; at < 400; at += 40) await log.append(items.slice(at, at + 40));
    await log.publish();
    expect(reader.size).toBe(10);
    await reader.refresh();
    expect({ size: reader.size, root: reader.root }).toEqual({ size: 410, root: log.root });
    expect(reader.published).toEqual(log.published);
    const last = items.at(-1)?.entry ?? encodeFail();
    expect(reader.find(last)).toBe(409);
    expect((await reader.read({ from: 409, limit: 1 }))[0]?.entryBytes).toEqual(encodeEntry(last));
    const paths = [reader, log].map((view) => view.inclusionPath({ index: 5, size: 410 }));
    expect(await paths[0]).toEqual(await paths[1]);
    await reader.refresh();
    await log.close();
  });

  it("keeps up with a writer that publishes all the time", async () => {
    const log = await TelemetryLog.open(sampleOptions(folder, { signer }));
    const source = new SampleItems(3);
    for (let i = 0; i < 30; i++) {
      const writes = log.append(source.take(50)).then(() => log.publish());
      const [reader] = await Promise.all([openLogReader(folder), writes]);
      expect([50 * i, 50 * i + 50]).toContain(reader.size);
    }
    await log.close();
  });

  it("refuses a folder that holds no log", async () => {
    await expect(openLogReader(join(folder, "none"))).rejects.toMatchObject({
      code: "LOG_CORRUPT",
    });
  });
});

function encodeFail(): never {
  throw new Error("the sample is not empty");
}
