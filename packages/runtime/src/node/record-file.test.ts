import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { concatBytes, utf8 } from "../bytes.ts";
import { AppendFile } from "./files.ts";
import { checkRecordFile, RecordFile, readRecords } from "./record-file.ts";

let folder: string;
let path: string;
const kind = "test-records";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "record-file-"));
  path = join(folder, "journal.seg");
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

async function written(...texts: string[]): Promise<void> {
  const file = await RecordFile.open({ path, kind });
  for (const text of texts) await file.append([utf8(text)]);
  await file.close();
}

async function texts(): Promise<string[]> {
  const { records } = await readRecords({ path, kind });
  return records.map((record) => Buffer.from(record.payload).toString());
}

describe("RecordFile", () => {
  it("gives back what was appended, in order, after it is opened again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.uint8Array({ maxLength: 300 }))), async (groups) => {
        rmSync(path, { force: true });
        const file = await RecordFile.open({ path, kind });
        const places = (await Promise.all(groups.map((group) => file.append(group)))).flat();
        const payloads = groups.flat();
        expect(places).toHaveLength(payloads.length);
        await file.close();
        const seen: Uint8Array[] = [];
        const again = await RecordFile.open({
          path,
          kind,
          onRecord: (record) => void seen.push(record.payload),
        });
        expect(seen).toEqual(payloads);
        for (const [i, place] of places.entries()) {
          expect((await again.read(place)).payload).toEqual(payloads[i]);
        }
        await again.close();
      }),
      { numRuns: 25 },
    );
  });

  it("joins appends of one turn into one write", async () => {
    const file = await RecordFile.open({ path, kind });
    const writes = vi.spyOn(AppendFile.prototype, "append");
    await Promise.all(["a", "b", "c"].map((text) => file.append([utf8(text)])));
    expect(writes).toHaveBeenCalledTimes(1);
    await file.close();
    expect(await texts()).toEqual(["a", "b", "c"]);
  });

  it("lets a reader follow a live writer from its last place", async () => {
    const file = await RecordFile.open({ path, kind });
    await file.append([utf8("a")]);
    const first = await readRecords({ path, kind });
    await file.append([utf8("b")]);
    const second = await readRecords({ path, kind, from_bytes: first.next_bytes });
    expect(second.records.map((record) => Buffer.from(record.payload).toString())).toEqual(["b"]);
    await file.close();
  });

  it("cuts off the record that a crash left unfinished, wherever the file ends in it", async () => {
    await written("first", "second");
    const whole = readFileSync(path);
    const { records } = await readRecords({ path, kind });
    const end = records[0]?.next_bytes ?? 0;
    for (let size = end; size < whole.length; size++) {
      writeFileSync(path, whole.subarray(0, size));
      expect((await checkRecordFile({ path, kind })).ok).toBe(size === end);
      const file = await RecordFile.open({ path, kind });
      expect(file.cut_bytes).toBe(size - end);
      await file.append([utf8("third")]);
      await file.close();
      expect(await texts()).toEqual(["first", "third"]);
    }
  });

  it("takes sectors of zeros at the end for a record that was not written", async () => {
    await written("first");
    const whole = readFileSync(path);
    writeFileSync(path, concatBytes(whole, new Uint8Array(2000)));
    const file = await RecordFile.open({ path, kind });
    expect(file.cut_bytes).toBe(2000);
    await file.close();
    expect(readFileSync(path)).toEqual(whole);
  });

  it("never takes a changed record for an unwritten one because zeros follow later", async () => {
    await written("first", "second");
    const whole = readFileSync(path);
    for (const at of [40, whole.length - 1]) {
      const changed = concatBytes(whole, new Uint8Array(2000));
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      await expect(RecordFile.open({ path, kind })).rejects.toMatchObject({
        code: "RECORD_CORRUPT",
      });
    }
  });

  it("makes a new file of one whose first sectors were never written", async () => {
    writeFileSync(path, new Uint8Array(100));
    await written("first");
    expect(await texts()).toEqual(["first"]);
  });

  it("finds a change of any one byte and refuses to open, changing nothing", async () => {
    await written("first", "", "third record of this file");
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, changed);
      const report = await checkRecordFile({ path, kind });
      expect(report.problem?.code).toMatch(/CORRUPT|KIND_MISMATCH/);
      expect(report.problem?.at_bytes).toBeLessThanOrEqual(at);
      await expect(RecordFile.open({ path, kind })).rejects.toMatchObject({
        code: report.problem?.code,
      });
      expect(readFileSync(path)).toEqual(changed);
    }
  });

  it("finds records that were exchanged or left out", async () => {
    await written("aaaa", "bbbb", "cccc");
    const whole = readFileSync(path);
    const [a, b, c] = (await readRecords({ path, kind })).records.map((record) =>
      whole.subarray(record.at_bytes, record.next_bytes),
    );
    const header = whole.subarray(0, whole.length - 3 * (a?.length ?? 0));
    for (const order of [
      [b, a, c],
      [a, c],
      [b, c],
      [a, a, b, c],
    ]) {
      writeFileSync(path, concatBytes(header, ...order.flatMap((part) => part ?? [])));
      expect((await checkRecordFile({ path, kind })).problem?.code).toBe("RECORD_CORRUPT");
    }
  });

  it("refuses a file of another kind and a file that is none", async () => {
    await written("first");
    await expect(RecordFile.open({ path, kind: "other" })).rejects.toMatchObject({
      code: "KIND_MISMATCH",
    });
    writeFileSync(path, "some text that is no record file at all");
    await expect(RecordFile.open({ path, kind })).rejects.toMatchObject({ code: "HEADER_CORRUPT" });
  });

  it("writes its header again when not even that was finished", async () => {
    await written();
    truncateSync(path, 5);
    await written("first");
    expect(await texts()).toEqual(["first"]);
  });

  it("rejects with DISK_FULL, keeps nothing of the group and goes on when there is space", async () => {
    const file = await RecordFile.open({ path, kind });
    await file.append([utf8("first")]);
    const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
    vi.spyOn(AppendFile.prototype, "append").mockRejectedValueOnce(full);
    await expect(file.append([utf8("lost")])).rejects.toMatchObject({ code: "DISK_FULL" });
    await file.append([utf8("second")]);
    await file.close();
    expect(await texts()).toEqual(["first", "second"]);
  });

  it("refuses more than its backlog and anything after close", async () => {
    const file = await RecordFile.open({ path, kind, backlogMax_bytes: 100 });
    const taken = file.append([new Uint8Array(90)]);
    await expect(file.append([new Uint8Array(90)])).rejects.toMatchObject({
      code: "RECORDS_BACKLOG",
    });
    await taken;
    await file.close();
    await expect(file.append([])).rejects.toMatchObject({ code: "RECORDS_CLOSED" });
  });
});
