import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8 } from "@voltfog/runtime";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ArchivedFile, isArchivePath } from "./archive-format.ts";
import { readArchive } from "./archive-reader.ts";
import { ArchiveWriter } from "./archive-writer.ts";
import type { BackupManifest } from "./manifest.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "archive-"));
  path = join(folder, "a.vfbak");
});
afterEach(() => rmSync(folder, { recursive: true }));

const manifest: Omit<BackupManifest, "files"> = {
  format: 1,
  created_ms: 1_700_000_000_000,
  chain: "test",
  chainId: "00",
  height: 7,
  units: [],
};

async function* parts(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

type Content = readonly (readonly [string, Uint8Array])[];

async function write(content: Content): Promise<string> {
  rmSync(path, { force: true });
  const writer = await ArchiveWriter.open(path);
  for (const [name, bytes] of content) {
    await writer.add({ path: name, mode: 0o600, length_bytes: bytes.length }, parts(bytes));
  }
  return writer.finish((files) => ({ ...manifest, files }));
}

async function read(): Promise<{ manifest: BackupManifest; files: [string, Uint8Array][] }> {
  const files: [string, Uint8Array][] = [];
  const take = async (file: ArchivedFile, content: AsyncIterable<Uint8Array>): Promise<void> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    files.push([file.path, new Uint8Array(Buffer.concat(chunks))]);
  };
  return { manifest: await readArchive(path, { take, progress: () => {} }), files };
}

const small: Content = [
  ["genesis.json", utf8("{}\n")],
  ["unit-1/log/vkey", utf8("key")],
  ["unit-1/log/journal/0000000000000000.seg", new Uint8Array(50).fill(7)],
  ["empty", new Uint8Array(0)],
];

describe("an archive", () => {
  it("gives back every file as it was, and a manifest that lists them", async () => {
    const large = new Uint8Array(3_000_001).map((_, i) => i % 251);
    const content: Content = [...small, ["large", large]];
    const sum = await write(content);
    const back = await read();
    expect(back.files.slice(0, -1)).toEqual(small);
    expect(Buffer.compare(back.files.at(-1)?.[1] ?? Buffer.of(), large)).toBe(0);
    expect(back.manifest).toMatchObject(manifest);
    expect(back.manifest.files.map((file) => file.path)).toEqual(content.map(([name]) => name));
    expect(sum).toBe(readFileSync(path).subarray(-32).toString("hex"));
    expect(readdirSync(folder)).toEqual(["a.vfbak"]);
  });

  it("is refused with the place when any one byte is changed", async () => {
    await write(small);
    const good = readFileSync(path);
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, bad);
      await expect(read(), `byte ${at}`).rejects.toMatchObject({
        code: expect.stringMatching(/^ARCHIVE_(DAMAGED|VERSION)$/),
      });
    }
  });

  it("names the file whose content was changed", async () => {
    await write(small);
    const good = readFileSync(path);
    const at = good.indexOf(Buffer.alloc(50, 7));
    good[at + 20] = 8;
    writeFileSync(path, good);
    await expect(read()).rejects.toThrow("unit-1/log/journal/0000000000000000.seg is damaged");
  });

  it("is refused at every length it might be cut to, and with a byte too much", async () => {
    await write(small);
    const good = readFileSync(path);
    for (let length = 0; length < good.length; length++) {
      writeFileSync(path, good.subarray(0, length));
      await expect(read(), `${length} bytes`).rejects.toMatchObject({ code: "ARCHIVE_DAMAGED" });
    }
    writeFileSync(path, Buffer.concat([good, Buffer.of(0)]));
    await expect(read()).rejects.toMatchObject({ code: "ARCHIVE_DAMAGED" });
  });

  it("is refused when a byte is missing anywhere", async () => {
    await write(small);
    const good = readFileSync(path);
    for (let at = 0; at < good.length; at++) {
      writeFileSync(path, Buffer.concat([good.subarray(0, at), good.subarray(at + 1)]));
      await expect(read(), `byte ${at}`).rejects.toMatchObject({ code: "ARCHIVE_DAMAGED" });
    }
  });

  it("never leads anywhere but below the folder it is unpacked to", async () => {
    for (const name of ["../a", "/a", "a/../b", "a//b", "a/./b", "", "a\\b", "a/", "c:d"]) {
      expect(isArchivePath(name), name).toBe(false);
      await write([[name, new Uint8Array(1)]]);
      await expect(read(), name).rejects.toMatchObject({ code: "ARCHIVE_DAMAGED" });
    }
    expect(isArchivePath("a.b/c-d/..e/_f")).toBe(true);
  });

  it("holds no name twice", async () => {
    await write([
      ["a", Uint8Array.of(1)],
      ["a", Uint8Array.of(2)],
    ]);
    await expect(read()).rejects.toThrow("a stands twice");
  });

  it("is never read out of rubbish", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        writeFileSync(path, Buffer.concat([Buffer.from("VFBAK\u0001"), bytes]));
        await expect(read()).rejects.toMatchObject({ code: "ARCHIVE_DAMAGED" });
      }),
      { numRuns: 200 },
    );
  });

  it("leaves nothing behind when its writing is given up", async () => {
    const writer = await ArchiveWriter.open(path);
    await writer.add({ path: "a", mode: 0o644, length_bytes: 1 }, parts(new Uint8Array(1)));
    await writer.abort();
    expect(readdirSync(folder)).toEqual([]);
  });
});
