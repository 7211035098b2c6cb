import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { toHex, utf8 } from "@voltfog/runtime";
import { RecordFile } from "@voltfog/runtime/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { earlierLogFolder, earlierLogs } from "./earlier-logs.ts";
import { fsckLog } from "./fsck.ts";
import { restoredMark } from "./restored-mark.ts";
import type { TelemetryLog } from "./telemetry-log.ts";
import { openSample, SampleItems, sampleOptions } from "./testing/sample-log.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fsck-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A unit's data folder: a closed log that was published twice on the way, and two events. */
async function unitFolder(name: string, o: { groups: number; entries: number; segment: number }) {
  const unit = join(folder, name);
  const options = sampleOptions(join(unit, "log"), { segmentMax_bytes: o.segment });
  const log = await openSample(options);
  const items = new SampleItems(1);
  for (let group = 0; group < o.groups; group++) {
    await log.append(items.take(o.entries));
    if (group % 5 === 3) await log.publish();
  }
  const root = toHex(log.root);
  await log.close();
  const events = await RecordFile.open({ path: join(unit, "events/journal.records"), kind: "e/1" });
  await events.append([utf8("one"), utf8("two")]);
  await events.close();
  return { unit, root };
}

/** Nobody else writes there. */
function check(unit: string) {
  return fsckLog(unit, { pause_ms: 0 });
}

function filesOf(unit: string): string[] {
  return readdirSync(unit, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name).slice(unit.length + 1))
    .sort();
}

/** Changes one bit of every `step`-th byte of every file in turn; gives how many changes were tried. */
async function changeBytes(unit: string, step: number): Promise<number> {
  let changes = 0;
  for (const file of filesOf(unit)) {
    const path = join(unit, file);
    const bytes = readFileSync(path);
    for (let at = changes % step; at < bytes.length; at += step) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, changed);
      const { ok, problem } = await check(unit);
      expect({ at, ok, file: problem?.place.file }).toEqual({ at, ok: false, file });
      expect(problem?.place.offset).toBeLessThanOrEqual(at);
      changes++;
    }
    writeFileSync(path, bytes);
  }
  expect((await check(unit)).ok).toBe(true);
  return changes;
}

describe("fsckLog", () => {
  it("counts entries, samples and gaps of a sound log and gives its root", async () => {
    const { unit, root } = await unitFolder("counts", { groups: 15, entries: 20, segment: 16_000 });
    const report = await fsckLog(join(unit, "log"));
    const accepted = Array.from({ length: 300 }, (_, i) => i).filter(
      (i) => i % 7 !== 6 && i % 11 !== 10,
    );
    const samples = 10 * accepted.length;
    expect(report).toEqual({ ok: true, entries: 300, samples, gaps: 42, size: 300, root });
    expect(await check(unit)).toEqual(report);
    expect(filesOf(unit)).toEqual([
      "events/journal.records",
      "log/checkpoint",
      "log/journal/0000000000000000.seg",
      "log/journal/0000000000000120.seg",
      "log/journal/0000000000000240.seg",
      "log/tile/0/000",
      "log/tile/0/001.p/44",
      "log/tile/1/000.p/1",
      "log/tile/entries/000",
      "log/tile/entries/001.p/44",
      "log/vkey",
    ]);
  });

  it("finds a change of any one byte in any file of a small unit, and names the file", async () => {
    const { unit } = await unitFolder("small", { groups: 4, entries: 2, segment: 700 });
    const bytes = filesOf(unit).reduce(
      (sum, file) => sum + readFileSync(join(unit, file)).length,
      0,
    );
    expect(filesOf(unit).filter((file) => file.includes("journal/"))).toHaveLength(2);
    expect(await changeBytes(unit, 1)).toBe(bytes);
  }, 120_000);

  it("takes the mark of a restored unit for what it is, and nothing else in its place", async () => {
    const { unit } = await unitFolder("mark", { groups: 1, entries: 1, segment: 16_000 });
    const { file, text } = restoredMark;
    writeFileSync(join(unit, file), text);
    expect((await check(unit)).ok).toBe(true);
    expect(await changeBytes(unit, 40)).toBeGreaterThan(20);
    for (const other of ["", text.slice(0, -1), `${text} `]) {
      writeFileSync(join(unit, file), other);
      expect((await check(unit)).problem).toMatchObject({ place: { file } });
    }
  });

  it("checks the logs that a unit no longer writes, too", async () => {
    const { unit } = await unitFolder("beside", { groups: 1, entries: 2, segment: 16_000 });
    const other = await unitFolder("other", { groups: 2, entries: 2, segment: 16_000 });
    cpSync(join(other.unit, "log"), earlierLogFolder(unit, 1), { recursive: true });
    expect(earlierLogs(unit).map(({ number }) => number)).toEqual([1]);
    expect(await check(unit)).toMatchObject({ ok: true, entries: 2 });
    expect(await changeBytes(unit, 60)).toBeGreaterThan(20);
    writeFileSync(join(unit, "earlier", "note"), "x");
    expect((await check(unit)).problem).toMatchObject({
      code: "UNEXPECTED_FILE",
      place: { file: "earlier/note" },
    });
  });

  it("passes over what a unit was told, and only that", async () => {
    const { unit } = await unitFolder("told", { groups: 1, entries: 1, segment: 16_000 });
    for (const file of ["control/term.json", "traffic/policies.json", "chargers/belib.csv"]) {
      mkdirSync(dirname(join(unit, file)), { recursive: true });
      writeFileSync(join(unit, file), "x");
    }
    expect((await check(unit)).ok).toBe(true);
    writeFileSync(join(unit, "control", "other"), "x");
    expect((await check(unit)).problem).toMatchObject({
      code: "UNEXPECTED_FILE",
      place: { file: "control/other" },
    });
  });

  it("finds changed bytes in full tiles and many groups", async () => {
    const { unit } = await unitFolder("large", { groups: 15, entries: 20, segment: 16_000 });
    expect(await changeBytes(unit, 199)).toBeGreaterThan(300);
  }, 120_000);

  it("finds every file that is missing, cut short, extended or not its own", async () => {
    const { unit } = await unitFolder("files", { groups: 9, entries: 31, segment: 16_000 });
    for (const file of filesOf(unit)) {
      const path = join(unit, file);
      const bytes = readFileSync(path);
      rmSync(path);
      expect((await check(unit)).ok).toBe(false);
      for (const size of [0, 1, bytes.length >> 1, bytes.length - 1]) {
        writeFileSync(path, bytes);
        truncateSync(path, size);
        expect({ file, size, ok: (await check(unit)).ok }).toEqual({ file, size, ok: false });
      }
      for (const more of ["\0", "x", "\n"]) {
        writeFileSync(path, bytes);
        appendFileSync(path, more);
        expect({ file, more, ok: (await check(unit)).ok }).toEqual({ file, more, ok: false });
      }
      writeFileSync(path, bytes);
    }
    const strangers = ["notes.txt", "log/notes", "log/journal/1.seg", "log/tile/0/001", "log/x/y"];
    for (const stranger of [...strangers, "log/tile/0/000.p/9", "log/tile/2/000", "events/x"]) {
      const path = join(unit, stranger);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, "some bytes");
      const { ok, problem } = await check(unit);
      expect({ ok, file: problem?.place.file }).toEqual({ ok: false, file: stranger });
      rmSync(path);
    }
    expect((await check(unit)).ok).toBe(true);
  }, 60_000);

  it("finds a whole log that another key made in place of the unit's", async () => {
    const paths = ["honest", "forged"].map((name) => join(folder, name));
    for (const path of paths) {
      const log = await openSample(sampleOptions(path));
      await log.append(new SampleItems(1).take(5));
      await log.close();
    }
    const [honest = "", forged = ""] = paths;
    cpSync(join(honest, "vkey"), join(forged, "vkey"));
    expect((await fsckLog(forged)).problem?.code).toBe("JOURNAL_CORRUPT");
  });

  it("takes a partial tile of an earlier published size for what it is", async () => {
    const path = join(folder, "earlier");
    const log = await openSample(sampleOptions(path));
    const items = new SampleItems(2);
    await log.append(items.take(100));
    await log.publish();
    cpSync(join(path, "tile/0/000.p/100"), join(folder, "kept"));
    await log.append(items.take(300));
    await log.close();
    expect((await fsckLog(path)).ok).toBe(true);
    cpSync(join(folder, "kept"), join(path, "tile/0/000.p/100"));
    expect((await fsckLog(path)).ok).toBe(true);
  });

  it("checks a log while its unit writes and publishes", async () => {
    const path = join(folder, "live");
    const log: TelemetryLog = await openSample(sampleOptions(path));
    const items = new SampleItems(3);
    for (let i = 0; i < 20; i++) {
      const writes = log.append(items.take(30)).then(() => log.publish());
      const [report] = await Promise.all([fsckLog(path), writes]);
      expect(report.problem).toBeUndefined();
    }
    await log.close();
  });

  it("accepts a log without entries and refuses a folder that is none", async () => {
    const path = join(folder, "empty");
    await (await openSample(sampleOptions(path))).close();
    expect(await fsckLog(path)).toMatchObject({ ok: true, entries: 0, size: 0 });
    expect(await changeBytes(path, 1)).toBeGreaterThan(200);
    await expect(fsckLog(join(folder, "nowhere"))).rejects.toMatchObject({
      code: "FOLDER_UNREADABLE",
    });
  });
});
