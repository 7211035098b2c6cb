import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CommandContext } from "../command-context.ts";
import { matchCommand } from "../commands/match.ts";

const example = fileURLToPath(
  new URL("../../../docs/specs/examples/v2v-book.json", import.meta.url),
);
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-match-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function match(
  ...flags: string[]
): Promise<{ text: string; notes: string; progress: number; exitCode: number }> {
  const [texts, notes]: string[][] = [[], []];
  let progress = 0;
  const terminal = {
    print: (text: string) => texts?.push(text),
    note: (text: string) => notes?.push(text),
    progress: () => progress++,
    progressDone: () => {},
  };
  const context: CommandContext = { terminal, environment: {}, self: [], exitCode: 0 };
  await matchCommand(context).exitOverride().parseAsync(flags, { from: "user" });
  const { exitCode } = context;
  return { text: texts?.join("\n") ?? "", notes: notes?.join("\n") ?? "", progress, exitCode };
}

function fileOf(content: unknown): string {
  const path = join(folder, "book.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

test("the example of the page matches as its sums say, in the order of arrival", async () => {
  const { text, exitCode } = await match("--book", example, "--json");
  expect(exitCode).toBe(0);
  const answer = JSON.parse(text);
  expect(answer.unmatched).toEqual(["P3", "C2"]);
  // P1 costs C1 the same energy price, but its own way to M2 is longer. C2's funds do not cover P1.
  expect(answer.matches).toMatchObject([
    { buy: "C1", sell: "P2", meetingPoint: "M2", arrived: "C1", unitCost: 382_000 },
    { buy: "C3", sell: "P1", meetingPoint: "M1", energyCost: 4_900_000, fee: 280_000 },
  ]);
});

test("the table tells both units and what is paid", async () => {
  const { text } = await match("--book", example);
  expect(text).toMatch(/C1 +P2 +M2 +10000 +0\.3820 +0\.3255 +3\.5000 +0\.2000/);
  expect(text).toMatch(/2 matches, 2 orders left/);
});

test.each<[string, unknown]>([
  ["JSON_INVALID", "{"],
  ["FIELD_MISSING", {}],
])("a bad book exits with 1 and says %s", async (code, content) => {
  const { text, notes, exitCode } = await match("--book", fileOf(content), "--json");
  expect(exitCode).toBe(1);
  expect(notes).toContain(code);
  expect(JSON.parse(text)).toMatchObject({ refused: { code } });
});

test("a large book shows progress", async () => {
  const sell = { side: "sell", energy_Wh: 1, spare_Wh: 1, pricePerKWh: 5, ownPricePerKWh: 1 };
  const rest = { usePerKm_Wh: 150, lon: 11, lat: 48 };
  const orders = Array.from({ length: 4500 }, (_, id) => ({ id, ...sell, ...rest }));
  const book = { coordinates: "earth", rules: { feePerKWh: 1 }, meetingPoints: [], orders };
  const { progress, text } = await match("--book", fileOf(book));
  expect(progress).toBe(2);
  expect(text).toBe("0 matches, 4500 orders left");
});
