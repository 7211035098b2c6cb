import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CommandContext } from "../command-context.ts";
import { placeCommand } from "../commands/place.ts";

const example = fileURLToPath(
  new URL("../../../docs/specs/examples/placement-problem.json", import.meta.url),
);
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-place-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function place(
  ...flags: string[]
): Promise<{ text: string; notes: string; exitCode: number }> {
  const texts: string[] = [];
  const notes: string[] = [];
  const terminal = {
    print: (text: string) => texts.push(text),
    note: (text: string) => notes.push(text),
    progress: () => {},
    progressDone: () => {},
  };
  const context: CommandContext = { terminal, environment: {}, self: [], exitCode: 0 };
  await placeCommand(context).exitOverride().parseAsync(flags, { from: "user" });
  return { text: texts.join("\n"), notes: notes.join("\n"), exitCode: context.exitCode };
}

function fileOf(content: unknown): string {
  const path = join(folder, "problem.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

test.each(["exact", "heuristic"])(
  "the example of the page costs 61 by the %s solver",
  async (solver) => {
    const { text, exitCode } = await place("--problem", example, "--solver", solver, "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(text)).toMatchObject({
      assignment: {
        "thermal-a": "unit-a",
        "thermal-b": "unit-b",
        balancing: "unit-c",
        archive: "unit-b",
      },
      cost: 61,
      solver,
    });
  },
);

test("a unit that fails moves what ran on it, and the answer says what and at which cost", async () => {
  const { text } = await place("--problem", example, "--what-if", "down:unit-b", "--json");
  expect(JSON.parse(text)).toMatchObject({
    cost: 109,
    whatIf: { down: ["unit-b"], costBefore: 61, moves: [{}, {}] },
  });
});

test("the table tells cost, proof and, when asked, why each function is where it is", async () => {
  const { text } = await place("--problem", example, "--solver", "exact", "--explain");
  expect(text).toMatch(/thermal-b +unit-b +8\.0 ms +16\.00/);
  expect(text).toMatch(/cost 61\.00, proven lowest/);
  expect(text).toMatch(/balancing → unit-c: cheaper, but not free: unit-a \(cpu full\)/);
  expect(text).toMatch(/3 evaluated, filtered: zone 1/);
});

test("where nothing fits the exit code is 1 and the constraint is named with its amount", async () => {
  const failed = ["--what-if", "down:unit-a", "--what-if", "down:unit-b"];
  const { text, notes, exitCode } = await place("--problem", example, ...failed, "--json");
  expect(exitCode).toBe(1);
  expect(notes).toMatch(/thermal-a fits none of 3 units.*latency is 10 ms above the limit/);
  expect(JSON.parse(text)).toMatchObject({
    impossible: { code: "FITS_NO_UNIT", shortages: [{ constraint: "latency", by: 10 }] },
  });
});

test.each([
  ["JSON_INVALID", "{"],
  ["JSON_INVALID", '{"functions": [], "units": [], "latency_ms": [NaN]}'],
  ["FIELD_MISSING", { functions: [] }],
  ["TYPE_WRONG", []],
])("a malformed file is refused with %s", async (code, content) => {
  const file = fileOf(content);
  await expect(place("--problem", file)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(file),
  });
});

test.each([
  ["UNIT_UNKNOWN", ["--what-if", "down:unit-z"]],
  ["WHAT_IF_INVALID", ["--what-if", "unit-a"]],
  ["SOLVER_UNKNOWN", ["--solver", "magic"]],
])("flags that mean nothing are refused with %s", async (code, flags) => {
  await expect(place("--problem", example, ...flags)).rejects.toMatchObject({ code });
});
