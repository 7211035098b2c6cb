import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cloudToken } from "./cloud-token.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cli-token-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fileWith(text: string): string {
  const path = join(folder, "token");
  writeFileSync(path, text);
  return path;
}

test("a token is a file's first line, and goes before that of the environment", () => {
  const environment = { VOLTFOG_TOKEN: "vf_environment" };
  // As voltfog token create prints it.
  const file = fileWith("vf_file\nt-1, role driver, holds until tomorrow\n");
  expect(cloudToken(file, environment)).toBe("vf_file");
  expect(cloudToken(undefined, environment)).toBe("vf_environment");
  expect(cloudToken(undefined, {})).toBeUndefined();
  expect(cloudToken(undefined, { VOLTFOG_TOKEN: "" })).toBeUndefined();
});

test("what is no token is refused before anybody is asked, and not repeated", () => {
  const coded = (code: string): unknown => expect.objectContaining({ code });
  expect(() => cloudToken(join(folder, "none"), {})).toThrow(coded("FILE_UNREADABLE"));
  for (const text of ["", "\nvf_second", "vf two", "vf_\u0000", "x".repeat(8193)]) {
    expect(() => cloudToken(fileWith(text), {})).toThrow(coded("TOKEN_MALFORMED"));
  }
  expect(() => cloudToken(undefined, { VOLTFOG_TOKEN: "vf_a\nvf_b" })).toThrow(
    coded("TOKEN_MALFORMED"),
  );
  try {
    cloudToken(fileWith("a secret text"), {});
  } catch (thrown) {
    expect(String(thrown)).not.toContain("secret");
  }
});
