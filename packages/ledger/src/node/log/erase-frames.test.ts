import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditLog } from "../audit/audit-log.ts";
import { eraseFrames } from "./erase-frames.ts";
import { erasureFile } from "./erasure-file.ts";
import { fsckLog } from "./fsck.ts";
import { openLogReader } from "./log-reader.ts";
import type { LogAppend } from "./log-types.ts";
import { newSigner, openSample, SampleItems, sampleOptions } from "./testing/sample-log.ts";

let root: string;
const signer = newSigner();

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "erase-"));
});
afterAll(() => rmSync(root, { recursive: true }));

/** A closed log of 60 entries in groups of six, with long frames that no other file can hold by chance. */
async function sampleLog(name: string) {
  const folder = join(root, name);
  const options = sampleOptions(folder, { signer, segmentMax_bytes: 4000 });
  const log = await openSample(options);
  const items = new SampleItems(5).take(60).map(withLongFrame);
  for (let at = 0; at < items.length; at += 6) await log.append(items.slice(at, at + 6));
  const final = { size: log.size, root: log.root, height: 1 };
  await log.close();
  return { folder, items, options, finals: [final] };
}

function withLongFrame(item: LogAppend, index: number): LogAppend {
  const frame = new Uint8Array(200).map((_, i) => crypto.sha256(Uint8Array.of(index, i))[0] ?? 0);
  const entry = { ...item.entry, commitment: crypto.sha256(frame) };
  return { ...item, entry, frame, vehicleId: `vehicle-of-${index}` };
}

function order(folder: string, index: number, items: readonly LogAppend[]) {
  const meant = toHex(items[index]?.entry.commitment ?? new Uint8Array());
  return {
    ...{
      folder,
      signer,
      crypto,
      by: "a-person",
      reason: "request 7",
      ordered_ms: 1_760_000_000_000,
    },
    isMeant: (entry: { commitment: Uint8Array }) => toHex(entry.commitment) === meant,
  };
}

function allBytes(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = files
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name));
  return Buffer.concat(paths.map((path) => readFileSync(path)));
}

describe("frames are erased from a unit's log", () => {
  it("so that no byte of frame or id is left, and everything else holds", async () => {
    const { folder, items, options, finals } = await sampleLog("whole");
    const frame = Buffer.from(items[27]?.frame ?? []);
    expect(allBytes(folder).includes(frame)).toBe(true);
    expect(eraseFrames(order(folder, 27, items))).toEqual([27]);
    const left = allBytes(folder);
    for (let at = 0; at + 8 <= frame.length; at += 8) {
      expect(left.includes(frame.subarray(at, at + 8))).toBe(false);
    }
    expect(left.includes("vehicle-of-27")).toBe(false);
    expect(left.includes(Buffer.from(items[28]?.frame ?? []))).toBe(true);
    expect(await fsckLog(folder, { pause_ms: 0 })).toMatchObject({ ok: true, entries: 60 });
    const report = await auditLog({ folder, finals, crypto });
    expect(report).toMatchObject({ ok: true, erased: [27], findings: [] });
    expect(report.erasures).toMatchObject([{ by: "a-person", reason: "request 7", indexes: [27] }]);
    const log = await openSample(options);
    const [stored] = await log.read({ from: 27, limit: 1 });
    expect(stored).toMatchObject({ frame: undefined, vehicleId: undefined, index: 27 });
    await log.append([withLongFrame(new SampleItems(9).next(), 200)]);
    await log.close();
    expect(await fsckLog(folder, { pause_ms: 0 })).toMatchObject({ ok: true, entries: 61 });
    expect((await openLogReader(folder)).size).toBe(61);
  });

  it("again and again in one group, and a second time without effect", async () => {
    const { folder, items } = await sampleLog("again");
    for (const index of [12, 14, 17]) eraseFrames(order(folder, index, items));
    expect(eraseFrames(order(folder, 14, items))).toEqual([]);
    expect((await fsckLog(folder, { pause_ms: 0 })).ok).toBe(true);
    const report = await auditLog({ folder, finals: [], crypto });
    expect(report.erased).toEqual([12, 14, 17]);
    expect(report.erasures).toHaveLength(3);
  });

  it("and a copy for a backup has the unit's word on it", async () => {
    const { folder, items } = await sampleLog("copied");
    eraseFrames(order(folder, 8, items));
    const copy = join(root, "copy");
    for (const part of (await openLogReader(folder)).extent()) {
      const bytes = "bytes" in part ? part.bytes : readFileSync(join(folder, part.path));
      mkdirSync(dirname(join(copy, part.path)), { recursive: true });
      writeFileSync(join(copy, part.path), bytes);
    }
    expect(await fsckLog(copy, { pause_ms: 0 })).toMatchObject({ ok: true, entries: 60 });
  });

  it("after a crash between the order and the overwriting, by the same call", async () => {
    const { folder, items } = await sampleLog("crash");
    const before = new Map(
      readdirSync(join(folder, "journal")).map((name) => {
        const path = join(folder, "journal", name);
        return [path, readFileSync(path)] as const;
      }),
    );
    eraseFrames(order(folder, 30, items));
    for (const [path, bytes] of before) writeFileSync(path, bytes);
    expect((await fsckLog(folder, { pause_ms: 0 })).ok).toBe(true);
    expect(eraseFrames(order(folder, 30, items))).toEqual([30]);
    expect((await fsckLog(folder, { pause_ms: 0 })).ok).toBe(true);
    expect(allBytes(folder).includes(Buffer.from(items[30]?.frame ?? []))).toBe(false);
  });

  it("only with the unit's key: what anybody else zeroes is named as altered", async () => {
    const { folder, items, finals } = await sampleLog("forged");
    eraseFrames({ ...order(folder, 40, items), signer: newSigner() });
    expect((await fsckLog(folder, { pause_ms: 0 })).problem?.code).toBe("JOURNAL_CORRUPT");
    const report = await auditLog({ folder, finals, crypto });
    expect(report.findings).toMatchObject([{ kind: "altered" }]);
    const unlisted = await sampleLog("unlisted");
    eraseFrames(order(unlisted.folder, 40, items));
    rmSync(join(unlisted.folder, erasureFile));
    expect((await fsckLog(unlisted.folder, { pause_ms: 0 })).ok).toBe(false);
    writeFileSync(join(unlisted.folder, erasureFile), "{}");
    expect((await fsckLog(unlisted.folder, { pause_ms: 0 })).problem?.code).toBe("RECORDS_CORRUPT");
  });

  it("and nothing is changed in a log that is damaged", async () => {
    const { folder, items } = await sampleLog("damaged");
    const [name = ""] = readdirSync(join(folder, "journal")).sort();
    const path = join(folder, "journal", name);
    const bytes = readFileSync(path);
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    expect(() => eraseFrames(order(folder, 30, items))).toThrow(/LOG_CORRUPT|check the log/);
    expect(allBytes(folder).includes(Buffer.from(items[30]?.frame ?? []))).toBe(true);
  });
});
