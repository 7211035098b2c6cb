import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CodedError } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writingFile } from "./output-file.ts";
import { makeEach } from "./site/site-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cli-output-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string): string {
  return writingFile({ path, remedy: "choose another file" }, () => {
    makeEach(dirname(path));
    writeFileSync(path, "text");
    return readFileSync(path, "utf8");
  });
}

test("what writes a file gives its answer, here in a folder that was not there", () => {
  expect(write(join(folder, "a", "b", "file"))).toBe("text");
});

test("where nothing can be written it says so with a code, and ends", () => {
  writeFileSync(join(folder, "file"), "");
  for (const path of ["/proc/x", "/proc/x/y/z", folder, join(folder, "file", "inside")]) {
    const refusal = { code: "FILE_UNWRITABLE", remedy: "choose another file" };
    expect(() => write(path), path).toThrow(expect.objectContaining(refusal));
  }
});

test("what is refused for another reason keeps its code", () => {
  const other = new CodedError({ code: "KEY_UNREADABLE", message: "no key" });
  const asked = { path: join(folder, "file"), remedy: "choose another file" };
  const refuse = (): never => {
    throw other;
  };
  expect(() => writingFile(asked, refuse)).toThrow(other);
});
