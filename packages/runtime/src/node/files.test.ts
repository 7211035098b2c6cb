import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AppendFile, replaceFileSync } from "./files.ts";

const folder = (): string => mkdtempSync(join(tmpdir(), "voltfog-files-"));

test("a replaced file is whole and leaves nothing beside it", () => {
  const root = folder();
  const path = join(root, "deep", "file.json");
  replaceFileSync(path, "old");
  replaceFileSync(path, "new");
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(readdirSync(join(root, "deep"))).toEqual(["file.json"]);
});

test("appended bytes are read back, also after opening again and after cutting a tail", async () => {
  const path = join(folder(), "log");
  const first = await AppendFile.open(path);
  await first.append(Uint8Array.of(1, 2, 3));
  await first.append(Uint8Array.of(4, 5), { sync: false });
  await first.close();
  const again = await AppendFile.open(path);
  expect(again.size_bytes).toBe(5);
  await again.truncate(4);
  await again.append(Uint8Array.of(9));
  expect(await again.read({ at_bytes: 2, length_bytes: 10 })).toEqual(Uint8Array.of(3, 4, 9));
  await again.close();
});
