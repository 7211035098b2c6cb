import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { logId, logOrigin, signCheckpoint } from "../../log/checkpoint.ts";
import { CompactRange } from "../../log/compact-range.ts";
import { encodeEntry, type LogEnd } from "../../log/entry.ts";
import { leafHash } from "../../log/tree-hash.ts";
import { fsckLog } from "./fsck.ts";
import { GroupBuffer } from "./group-buffer.ts";
import { checkGroup } from "./group-check.ts";
import { firstChain, groupHead_bytes, readGroupHead } from "./journal-format.ts";
import type { JournalItem } from "./journal-record.ts";
import { openLogReader } from "./log-reader.ts";
import { TelemetryLog, type TelemetryLogOptions } from "./telemetry-log.ts";
import { newSigner, SampleItems, sampleOptions } from "./testing/sample-log.ts";
import { treeHashing } from "./tree-hasher.ts";

let folder: string;
const signer = newSigner();
const { publicKey } = signer;
const first = logOrigin({ chain: "test", unitId: "unit-1" });
const origin = logOrigin({ chain: "test", unitId: "unit-1", number: 2 });
const predecessor: LogEnd = {
  logId: logId({ origin: first, publicKey, crypto }),
  size: 41,
  root: new Uint8Array(32).fill(9),
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opening-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function options(more: Partial<TelemetryLogOptions> = {}): TelemetryLogOptions {
  return sampleOptions(folder, {
    signer,
    origin,
    opening: async () => ({ predecessor, at_ms: 5 }),
    ...more,
  });
}

describe("a log that takes the place of another one", () => {
  it("begins with an entry that names the other by its last final size, signed and published", async () => {
    const log = await TelemetryLog.open(options());
    const entry = { kind: "log-opened", predecessor } as const;
    const root = leafHash(encodeEntry(entry), crypto);
    expect({ size: log.size, root: log.root }).toEqual({ size: 1, root });
    expect(log.published.note).toBe(signCheckpoint({ origin, size: 1, root, signer, crypto }));
    expect(await log.read({ from: 0, limit: 2 })).toMatchObject([
      { index: 0, entry, accepted_ms: 5, vehicleId: undefined, frame: undefined },
    ]);
    await log.close();
    expect(await fsckLog(folder)).toMatchObject({ ok: true, entries: 1, samples: 0, gaps: 0 });
  });

  it("is opened once, and again as any other log, also by readers", async () => {
    await (await TelemetryLog.open(options())).close();
    const log = await TelemetryLog.open(options());
    expect(log.size).toBe(1);
    const items = new SampleItems(1).take(300);
    await log.append(items);
    await log.close();
    const plain = { folder, origin, signer, crypto, logger: silentLogger };
    const again = await TelemetryLog.open(plain);
    const reader = await openLogReader(folder);
    for (const view of [again, reader]) {
      expect(view.size).toBe(301);
      expect(items.map(({ entry }) => view.find(entry))).toEqual(items.map((_, i) => i + 1));
      expect((await view.read({ from: 0, limit: 1 }))[0]?.entry.kind).toBe("log-opened");
    }
    await again.close();
    expect((await fsckLog(folder)).ok).toBe(true);
  });

  it("asks what to name only while it is empty, and stays empty when there is no answer", async () => {
    const opening = (): Promise<never> => Promise.reject(new Error("no answer"));
    await expect(TelemetryLog.open(options({ opening }))).rejects.toThrow("no answer");
    expect((await openLogReader(folder)).size).toBe(0);
    await (await TelemetryLog.open(options())).close();
    const log = await TelemetryLog.open(options({ opening }));
    expect(log.size).toBe(1);
    await log.close();
  });

  it("is checked to every byte", async () => {
    const log = await TelemetryLog.open(options());
    await log.append(new SampleItems(2).take(2));
    await log.close();
    const files = readdirSync(folder, { recursive: true, withFileTypes: true });
    for (const file of files.filter((item) => item.isFile())) {
      const path = join(file.parentPath, file.name);
      const good = readFileSync(path);
      for (let at = 0; at < good.length; at += 3) {
        const bad = Buffer.from(good);
        bad[at] = (bad[at] ?? 0) ^ 4;
        writeFileSync(path, bad);
        expect((await fsckLog(folder)).ok, `${path} ${at}`).toBe(false);
      }
      writeFileSync(path, good);
    }
  });

  it("has its opening nowhere else: a second one is no sound group, and no append takes one", async () => {
    const opening = { kind: "log-opened", predecessor } as const;
    const item: JournalItem = {
      entry: opening,
      frame: undefined,
      accepted_ms: 1,
      vehicleId: undefined,
    };
    expect(checked([item])).toMatchObject({ entries: [{ entry: opening }] });
    expect(checked([item, item])).toMatchObject({ code: "ENTRY_MALFORMED" });
    expect(checked([{ ...item, frame: new Uint8Array(3) }])).toMatchObject({
      code: "ENTRY_MALFORMED",
    });
  });
});

/** One group of these items at the start of a log, checked as the check of a folder does. */
function checked(items: readonly JournalItem[]): ReturnType<typeof checkGroup> {
  const buffer = new GroupBuffer(treeHashing("sha256", crypto));
  for (const item of items) buffer.add(item);
  const range = new CompactRange({ crypto });
  range.appendAll(buffer.leaves);
  const before = firstChain(logId({ origin, publicKey, crypto }));
  const note = signCheckpoint({ origin, size: range.size, root: range.root(), signer, crypto });
  const sealed = buffer.seal({ firstIndex: 0, note, before, newSegment: false, signer, crypto });
  const head = readGroupHead(sealed.bytes.subarray(0, groupHead_bytes));
  if (head === undefined) throw new Error("a group has a head");
  return checkGroup({
    bytes: sealed.bytes,
    head,
    before,
    range: new CompactRange({ crypto }),
    key: { name: origin, publicKey },
    crypto,
    treeCrypto: crypto,
    signatures: true,
  });
}
