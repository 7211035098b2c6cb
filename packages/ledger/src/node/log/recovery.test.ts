import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fsckLog } from "./fsck.ts";
import { openLogReader } from "./log-reader.ts";
import type { LogReceipt } from "./log-types.ts";
import { TelemetryLog, type TelemetryLogOptions } from "./telemetry-log.ts";
import { ForgetfulDisk } from "./testing/forgetful-disk.ts";
import { newSigner, SampleItems, sampleOptions } from "./testing/sample-log.ts";

let folder: string;
let options: TelemetryLogOptions;
const signer = newSigner();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "log-recovery-"));
  options = sampleOptions(join(folder, "log"), { signer });
});
afterEach(() => rmSync(folder, { recursive: true }));

function lastSegment(log: string): string {
  const names = readdirSync(join(log, "journal")).sort();
  return join(log, "journal", names.at(-1) ?? "");
}

/** A log that stopped without closing after these groups of three; the first `published` are published. */
async function crashed(o: { groups: number; published: number; segmentMax_bytes?: number }) {
  const path = join(folder, "crashed");
  const log = await TelemetryLog.open({ ...options, folder: path, ...o });
  const items = new SampleItems(1);
  const receipts: LogReceipt[] = [];
  for (let group = 0; group < o.groups; group++) {
    if (group === o.published) await log.publish();
    receipts.push(await log.append(items.take(3)));
  }
  const copy = join(folder, "log");
  rmSync(copy, { recursive: true, force: true });
  cpSync(path, copy, { recursive: true });
  await log.close();
  rmSync(path, { recursive: true });
  return { items, receipts, segment: lastSegment(copy) };
}

describe("a log that was not closed", () => {
  it("opens with every acknowledged entry and publishes them", async () => {
    const { receipts } = await crashed({ groups: 9, published: 4, segmentMax_bytes: 1_500 });
    const log = await TelemetryLog.open(options);
    expect(log.size).toBe(27);
    expect(log.published.note).toBe(receipts.at(-1)?.checkpoint);
    await log.close();
    expect(await fsckLog(options.folder)).toMatchObject({ ok: true, entries: 27 });
  });

  it("loses its unfinished last group wherever the write stopped, and only that", async () => {
    const { items, receipts, segment } = await crashed({ groups: 4, published: 2 });
    const whole = readFileSync(segment);
    const more = items.take(3);
    const seen = join(folder, "seen");
    cpSync(options.folder, seen, { recursive: true });
    const before = await TelemetryLog.open({ ...options, folder: seen });
    await before.append(more);
    const longer = readFileSync(lastSegment(seen));
    await before.close();
    expect(longer.length).toBeGreaterThan(whole.length + 300);
    for (let size = whole.length + 1; size < longer.length; size += 61) {
      writeFileSync(segment, longer.subarray(0, size));
      const reader = await openLogReader(options.folder);
      expect(reader.size).toBe(12);
      expect(reader.checkpoint).toBe(receipts.at(-1)?.checkpoint);
      const { problem } = await fsckLog(options.folder, { pause_ms: 0 });
      expect(problem?.code).toBe("UNFINISHED_TAIL");
      const trial = join(folder, "trial");
      cpSync(options.folder, trial, { recursive: true });
      const log = await TelemetryLog.open({ ...options, folder: trial });
      expect(log.size).toBe(12);
      expect((await log.append(more)).firstIndex).toBe(12);
      await log.close();
      expect(readFileSync(lastSegment(trial))).toEqual(longer);
      expect((await fsckLog(trial)).ok).toBe(true);
      rmSync(trial, { recursive: true });
    }
  }, 60_000);

  it("takes sectors that were never written for an unfinished group", async () => {
    const { segment } = await crashed({ groups: 3, published: 1 });
    appendFileSync(segment, new Uint8Array(4096));
    const log = await TelemetryLog.open(options);
    expect(log.size).toBe(9);
    await log.close();
    expect((await fsckLog(options.folder)).ok).toBe(true);
  });

  it("never takes a changed group for an unwritten one because zeros follow later", async () => {
    const { segment } = await crashed({ groups: 3, published: 1 });
    const whole = readFileSync(segment);
    for (const at of [whole.length - 1, whole.length - 700, Math.floor(whole.length / 2)]) {
      const changed = Buffer.concat([whole, new Uint8Array(4096)]);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(segment, changed);
      await expect(TelemetryLog.open(options)).rejects.toMatchObject({ code: "LOG_CORRUPT" });
    }
  });

  it("does not open when a byte of an unpublished group was changed", async () => {
    const { segment } = await crashed({ groups: 4, published: 2 });
    const whole = readFileSync(segment);
    const published = whole.length / 2;
    for (let at = Math.ceil(published) + 100; at < whole.length; at += 11) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 4;
      writeFileSync(segment, changed);
      await expect(TelemetryLog.open(options)).rejects.toMatchObject({
        code: "LOG_CORRUPT",
        message: expect.stringContaining(segment),
      });
      expect(readFileSync(segment)).toEqual(changed);
    }
  }, 60_000);

  it("does not open when published entries are missing from the journal", async () => {
    const { segment } = await crashed({ groups: 4, published: 4 });
    const log = await TelemetryLog.open(options);
    await log.close();
    const size = readFileSync(segment).length;
    for (const cut of [1, 50, 500]) {
      truncateSync(segment, size - cut);
      await expect(TelemetryLog.open(options)).rejects.toMatchObject({ code: "LOG_CORRUPT" });
    }
    rmSync(segment);
    await expect(TelemetryLog.open(options)).rejects.toMatchObject({ code: "LOG_CORRUPT" });
  });

  it("does not open without its key, its checkpoint or its tiles, or when those were changed", async () => {
    await crashed({ groups: 4, published: 3 });
    for (const file of ["vkey", "checkpoint", "tile/0/000.p/9", "tile/entries/000.p/9"]) {
      const path = join(options.folder, file);
      const bytes = readFileSync(path);
      rmSync(path);
      await expect(TelemetryLog.open(options)).rejects.toMatchObject({
        code: "LOG_CORRUPT",
        message: expect.stringContaining(path),
      });
      writeFileSync(path, bytes.subarray(0, -1));
      await expect(TelemetryLog.open(options)).rejects.toMatchObject({
        code: expect.stringMatching(/LOG_CORRUPT|LOG_KEY_MISMATCH/),
      });
      writeFileSync(path, bytes);
    }
    const log = await TelemetryLog.open(options);
    expect(log.size).toBe(12);
    await log.close();
  });

  it("never goes on from a published group whose seal was changed", async () => {
    const { segment } = await crashed({ groups: 2, published: 2 });
    const log = await TelemetryLog.open(options);
    await log.close();
    const bytes = readFileSync(segment);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(segment, bytes);
    await expect(TelemetryLog.open(options)).rejects.toMatchObject({ code: "LOG_CORRUPT" });
  });

  it("starts over when a crash interrupted its making, and removes what publishing left", async () => {
    await (await TelemetryLog.open(options)).close();
    rmSync(join(options.folder, "checkpoint"));
    await (await TelemetryLog.open(options)).close();
    await crashed({ groups: 2, published: 1 });
    writeFileSync(join(options.folder, "checkpoint.new"), "half");
    writeFileSync(join(options.folder, "tile/0/000.p/5"), "half");
    writeFileSync(join(options.folder, "tile/0/000.p/6.new"), "half");
    await (await TelemetryLog.open(options)).close();
    expect((await fsckLog(options.folder)).ok).toBe(true);
  });
});

describe("a power cut", () => {
  it("never takes an acknowledged entry, wherever it hits the write", async () => {
    for (let after_bytes = 0; after_bytes < 1_500; after_bytes += 61) {
      rmSync(options.folder, { recursive: true, force: true });
      const disk = new ForgetfulDisk();
      const log = await TelemetryLog.open({ ...options, openFile: disk.open });
      const items = new SampleItems(1);
      await log.append(items.take(2));
      await log.append(items.take(2));
      disk.fault = { kind: "power", after_bytes };
      const last = log.append(items.take(2));
      await Promise.race([disk.off, last.then(() => expect.fail("acknowledged without power"))]);
      const again = await TelemetryLog.open(options);
      expect([4, 6]).toContain(again.size);
      await again.close();
      expect((await fsckLog(options.folder)).ok).toBe(true);
    }
  }, 60_000);
});

describe("a full disk", () => {
  it("rejects the group, keeps nothing of it, and takes later ones", async () => {
    const disk = new ForgetfulDisk();
    const log = await TelemetryLog.open({ ...options, openFile: disk.open });
    const items = new SampleItems(1);
    const lost = items.take(4);
    for (const after_bytes of [0, 10, 300]) {
      disk.fault = { kind: "full", after_bytes };
      const appends = [log.append(lost.slice(0, 2)), log.append(lost.slice(2))];
      for (const result of await Promise.allSettled(appends)) {
        expect(result).toMatchObject({ status: "rejected", reason: { code: "DISK_FULL" } });
      }
      expect(log.size).toBe(0);
      expect(log.find(lost[0]?.entry ?? neverEntry())).toBeUndefined();
    }
    expect((await log.append(lost)).firstIndex).toBe(0);
    disk.fault = { kind: "full", after_bytes: 50 };
    await expect(log.append(items.take(1))).rejects.toMatchObject({ code: "DISK_FULL" });
    await log.close();
    expect(await fsckLog(options.folder)).toMatchObject({ ok: true, entries: 4 });
  });

  it("keeps nobody from opening and reading what was not published yet", async () => {
    await crashed({ groups: 3, published: 0 });
    writeFileSync(join(options.folder, "tile"), "no tile can be written");
    const log = await TelemetryLog.open(options);
    expect(await log.read({ from: 0, limit: 20 })).toHaveLength(9);
    await expect(log.publish()).rejects.toMatchObject({ code: "DISK_ERROR" });
    rmSync(join(options.folder, "tile"));
    await log.close();
    expect(await fsckLog(options.folder)).toMatchObject({ ok: true, entries: 9 });
  });

  it("writes nothing behind the remains of a group that can't be cut off", async () => {
    const disk = new ForgetfulDisk();
    const log = await TelemetryLog.open({ ...options, openFile: disk.open });
    const items = new SampleItems(1);
    await log.append(items.take(1));
    disk.fault = { kind: "full", after_bytes: 50 };
    disk.stuck = true;
    const lost = items.take(1);
    await expect(log.append(lost)).rejects.toMatchObject({ code: "DISK_FULL" });
    await expect(log.append(lost)).rejects.toMatchObject({ code: "DISK_ERROR" });
    disk.stuck = false;
    expect((await log.append(lost)).firstIndex).toBe(1);
    await log.close();
    expect(await fsckLog(options.folder)).toMatchObject({ ok: true, entries: 2 });
  });
});

function neverEntry(): never {
  throw new Error("the sample is not empty");
}
