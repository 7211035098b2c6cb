import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { RotatingLog } from "./rotating-log.ts";

const folder = mkdtempSync(join(tmpdir(), "voltfog-log-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a log keeps its newest lines within its files and their size", () => {
  const path = join(folder, "log", "validator.log");
  const options = { path, fileMax_bytes: 100, filesKept: 3 };
  for (let half = 0; half < 2; half++) {
    const log = new RotatingLog(options); // The second one goes on where the first one was.
    for (let line = 0; line < 50; line++) log.write(`line ${half * 50 + line}\n`);
  }
  const files = [path, `${path}.1`, `${path}.2`];
  for (const file of files) expect(statSync(file).size).toBeLessThanOrEqual(100);
  expect(existsSync(`${path}.3`)).toBe(false);
  const kept = [...files]
    .reverse()
    .map((file) => readFileSync(file, "utf8"))
    .join("");
  const lines = kept.trimEnd().split("\n");
  expect(lines.at(-1)).toBe("line 99");
  expect(lines).toEqual(lines.map((_, at) => `line ${100 - lines.length + at}`));
});

test("a log with one file starts it anew, and a folder that is gone stops nothing", () => {
  const path = join(folder, "single", "validator.log");
  const log = new RotatingLog({ path, fileMax_bytes: 20, filesKept: 1 });
  log.write("a line of 19 bytes\n");
  log.write("next\n");
  expect(readFileSync(path, "utf8")).toBe("next\n");
  rmSync(join(folder, "single"), { recursive: true });
  expect(() => log.write("lost\n")).not.toThrow();
});
