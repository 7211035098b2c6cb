import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { groupHead_bytes, readGroupHead, viewOf } from "../log/journal-format.ts";
import type { LogAppend } from "../log/log-types.ts";
import { newSigner, openSample, SampleItems, sampleOptions } from "../log/testing/sample-log.ts";
import { auditLog } from "./audit-log.ts";
import type { AuditReport, FinalRoot } from "./audit-types.ts";
import { salvageJournal } from "./salvage-journal.ts";

const signer = newSigner();
const entries = 600;
const perGroup = 8;
/** Published and final after every so many entries, as a unit does every two seconds. */
const perFinal = 40;
let root: string;
let original: string;
let items: readonly LogAppend[];
let finals: readonly FinalRoot[];

/** A log of these items with a checkpoint every 40 entries; gives what a chain would have made final. */
async function writeLog(folder: string, appended: readonly LogAppend[]): Promise<FinalRoot[]> {
  const log = await openSample(sampleOptions(folder, { signer, segmentMax_bytes: 20_000 }));
  const roots: FinalRoot[] = [];
  for (let at = 0; at < appended.length; at += perGroup) {
    await log.append(appended.slice(at, at + perGroup));
    if (log.size % perFinal !== 0) continue;
    const { size, root: hash } = await log.publish();
    roots.push({ size, root: hash, height: roots.length + 1 });
  }
  await log.close();
  return roots;
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "audit-"));
  original = join(root, "original");
  items = new SampleItems(7).take(entries);
  finals = await writeLog(original, items);
});
afterAll(() => rmSync(root, { recursive: true }));

let copies = 0;
function copy(): string {
  const folder = join(root, `copy-${copies++}`);
  cpSync(original, folder, { recursive: true });
  return folder;
}

async function audited(folder: string): Promise<AuditReport> {
  const report = await auditLog({ folder, finals, crypto: nodeCrypto });
  rmSync(folder, { recursive: true });
  return report;
}

function kinds(report: AuditReport): string[] {
  return [...new Set(report.findings.map(({ kind }) => kind))];
}

function covers(report: AuditReport, index: number): boolean {
  return report.findings.some(
    ({ entries: range }) => range !== undefined && range.first <= index && index <= range.last,
  );
}

interface RecordPlace {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** Where each record lies in the journal. */
function places(folder: string): RecordPlace[] {
  const records = [
    ...salvageJournal({
      folder: join(folder, "journal"),
      crypto: nodeCrypto,
      treeCrypto: nodeCrypto,
    }),
  ];
  return records.map(({ file, offset }) => {
    const bytes = readFileSync(join(folder, file));
    return { file, start: offset, end: offset + viewOf(bytes).getUint32(offset) };
  });
}

describe("a unit's log is held against the checkpoints that the chain made final", () => {
  it("finds nothing in a log as the unit wrote it", async () => {
    const report = await audited(copy());
    expect(report).toMatchObject({ ok: true, entries, findings: [], notFinal: 0 });
    expect(report.final).toEqual({ size: 600, height: 15, checkpoints: 15 });
  });

  it("names the entry in whose record a byte was changed", async () => {
    const random = new SeededRandom(1);
    for (let run = 0; run < 10; run++) {
      const folder = copy();
      const index = Math.floor(random.uniform() * entries);
      const { file, start, end } = places(folder)[index] as RecordPlace;
      const at = start + Math.floor(random.uniform() * (end - start));
      const bytes = readFileSync(join(folder, file));
      bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(random.uniform() * 8));
      writeFileSync(join(folder, file), bytes);
      const report = await audited(folder);
      expect({ run, kinds: kinds(report), named: covers(report, index) }).toEqual({
        run,
        kinds: ["altered"],
        named: true,
      });
      expect(report.findings.every(({ entries: range }) => range?.first === index)).toBe(true);
    }
  });

  it("names the entries whose bytes were cut out of the journal", async () => {
    const random = new SeededRandom(2);
    for (let run = 0; run < 10; run++) {
      const folder = copy();
      // Not the last one: without it the log would end too early.
      const index = Math.floor(random.uniform() * (entries - 1));
      const { file, start, end } = places(folder)[index] as RecordPlace;
      const bytes = readFileSync(join(folder, file));
      const cut = Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
      writeFileSync(join(folder, file), cut);
      const report = await audited(folder);
      expect({ run, findings: report.findings }).toMatchObject({
        run,
        findings: [{ kind: "deleted", entries: { first: index, last: index }, isExact: true }],
      });
    }
  });

  it("names the group of entries whose segment is gone", async () => {
    const folder = copy();
    const [, second = "", third = ""] = readdirSync(join(folder, "journal")).sort();
    rmSync(join(folder, "journal", second));
    const range = { first: Number(second.slice(0, 16)), last: Number(third.slice(0, 16)) - 1 };
    const report = await audited(folder);
    expect(report.findings).toMatchObject([{ kind: "deleted", entries: range, isExact: true }]);
  });

  it("names the first entry of an end that was cut off, wherever the cut lies", async () => {
    const random = new SeededRandom(3);
    const all = places(original);
    for (let run = 0; run < 10; run++) {
      const folder = copy();
      const segments = readdirSync(join(folder, "journal")).sort();
      const kept = Math.floor(random.uniform() * segments.length);
      for (const later of segments.slice(kept + 1)) rmSync(join(folder, "journal", later));
      const file = `journal/${segments[kept]}`;
      const bytes = readFileSync(join(folder, file));
      // At least one byte of the last record that is lost goes with the cut.
      const last = all.filter((place) => place.file === file).at(-1) as RecordPlace;
      const at = Math.floor(random.uniform() * last.end);
      writeFileSync(join(folder, file), bytes.subarray(0, at));
      const first = all.findIndex((place) => place.file === file && place.end > at);
      const report = await audited(folder);
      expect({ run, findings: report.findings }).toMatchObject({
        run,
        findings: [{ kind: "truncated", entries: { first, last: entries - 1 }, isExact: true }],
      });
    }
  });

  it("tells a log that the unit's own key wrote anew from the one that is final", async () => {
    const random = new SeededRandom(4);
    for (let run = 0; run < 4; run++) {
      const index = 6 + Math.floor(random.uniform() * (entries - 30));
      for (const kind of ["altered", "deleted", "truncated"] as const) {
        const folder = join(root, `anew-${run}-${kind}`);
        await writeLog(folder, changed(kind, index));
        const report = await audited(folder);
        expect({ run, kind, index, kinds: kinds(report), named: covers(report, index) }).toEqual({
          run,
          kind,
          index,
          kinds: [kind],
          named: true,
        });
      }
    }
  });

  it("finds the very entry in a log written anew where the old tiles are still there", async () => {
    for (const kind of ["altered", "deleted"] as const) {
      const folder = join(root, `with-tiles-${kind}`);
      await writeLog(folder, changed(kind, 123));
      cpSync(join(original, "tile"), join(folder, "tile"), { recursive: true });
      const report = await audited(folder);
      expect(report.findings).toMatchObject([
        { kind, entries: { first: 123, last: 123 }, isExact: true },
      ]);
    }
  });

  it("names a changed, cut or missing file that no entry depends on", async () => {
    const flipped = copy();
    const tile = join(flipped, "tile/0/001");
    const bytes = readFileSync(tile);
    bytes[5] = (bytes[5] as number) ^ 1;
    writeFileSync(tile, bytes);
    const report = await audited(flipped);
    expect(report.findings).toMatchObject([{ kind: "altered", place: { file: "tile/0/001" } }]);
    expect(report.findings[0]?.entries).toBeUndefined();
    const without = copy();
    rmSync(join(without, "tile/0/001"));
    expect((await audited(without)).findings).toMatchObject([{ kind: "deleted" }]);
  });

  it("counts what no final checkpoint covers, and says nothing about it", async () => {
    const folder = copy();
    const some = finals.slice(0, 5);
    const report = await auditLog({ folder, finals: some, crypto: nodeCrypto });
    expect(report).toMatchObject({ ok: true, notFinal: 400, findings: [] });
    rmSync(folder, { recursive: true });
  });

  it("reads groups as the unit wrote them", () => {
    const [first = ""] = readdirSync(join(original, "journal")).sort();
    const head = readGroupHead(readFileSync(join(original, "journal", first)).subarray(120));
    expect(head?.count).toBe(perGroup);
    expect(groupHead_bytes).toBe(28);
  });
});

/** What somebody with the unit's key would make of the log. */
function changed(kind: "altered" | "deleted" | "truncated", index: number): LogAppend[] {
  const copied = [...items];
  if (kind === "truncated") return copied.slice(0, index);
  if (kind === "deleted") copied.splice(index, 1);
  const item = copied[index] as LogAppend;
  if (kind === "altered") {
    const entry = { ...item.entry, commitment: new Uint8Array(32).fill(9) };
    copied[index] = { ...item, entry, frame: undefined };
  }
  return copied;
}
