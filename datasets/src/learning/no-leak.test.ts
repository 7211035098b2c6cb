import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chargeStatistics } from "@voltfog/battery";
import { ManualClock, SeededRandom } from "@voltfog/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Evaluation } from "../evaluation/evaluation.ts";
import { evaluateLife } from "../life/evaluate-life.ts";
import { evaluateSecondLife } from "../second-life/evaluate-second-life.ts";
import { evaluateSoh } from "../soh/evaluate-soh.ts";

/** One change of a field; the row is as in the file, the header left out. */
type Change = (column: string, field: string, row: number) => string;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "no-leak-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(
  name: string,
  header: readonly string[],
  rows: readonly (string | number)[][],
  change: Change,
): string {
  const path = join(folder, name);
  const lines = rows.map((row, at) =>
    row.map((field, index) => change(header[index] ?? "", String(field), at)).join(),
  );
  writeFileSync(path, [header.join(), ...lines, ""].join("\n"));
  return path;
}

async function estimates(
  evaluation: Evaluation,
  flags: Record<string, string>,
): Promise<{ scored: number; given: unknown[] }> {
  const { findings, predictions } = await evaluation.run({
    flags,
    clock: new ManualClock(),
    isQuick: false,
    progress: () => undefined,
  });
  return { scored: findings.rows.length, given: [...predictions.rows].map((row) => row.slice(1)) };
}

const same: Change = (_, field) => field;
const blank =
  (...columns: string[]): Change =>
  (column, field) =>
    columns.includes(column) ? "" : field;

describe("the state of health", () => {
  const header = [
    "dataset",
    "batch",
    "cell",
    "cycle",
    ...chargeStatistics,
    "capacity_ah",
    "soh",
    "rul_cycles",
  ];
  const random = new SeededRandom(3);
  const rows = ["a", "b"].flatMap((cell) =>
    Array.from({ length: 40 }, (_, at) => [
      "XJTU",
      "2C",
      cell,
      at + 1,
      ...chargeStatistics.map(() => random.uniform()),
      1.9,
      0.95,
      100 - at,
    ]),
  );
  const run = (change: Change, order = rows): Promise<{ scored: number; given: unknown[] }> =>
    estimates(evaluateSoh, { data: write("soh.csv", header, order, change) });

  it("is the same without the truth, which then is not scored", async () => {
    const whole = await run(same);
    const blanked = await run(blank("capacity_ah", "soh", "rul_cycles"));
    expect(blanked.given).toEqual(whole.given);
    expect(whole.scored).toBeGreaterThan(0);
    expect(blanked.scored).toBe(0);
    expect(new Set(whole.given.map((row) => JSON.stringify(row))).size).toBeGreaterThan(10);
  });

  it("does not hang on names, nor on the number of the first cycle", async () => {
    const whole = await run(same);
    const renamed = await run((column, field) =>
      column === "cell" || column === "batch" ? `x${field}` : field,
    );
    const later = await run((column, field) =>
      column === "cycle" ? String(Number(field) + 700) : field,
    );
    expect(renamed.given).toEqual(whole.given);
    expect(later.given).toEqual(whole.given);
  });

  it("uses no later charge: cutting the file leaves earlier estimates as they were", async () => {
    const whole = await run(same);
    const cut = await run(same, rows.slice(0, 25));
    expect(cut.given).toEqual(whole.given.slice(0, 25));
  });
});

describe("the state of health from a pulse test", () => {
  const header = [
    "type",
    "ID",
    "Qn",
    "Q",
    "SOH",
    "SOC",
    ...Array.from({ length: 21 }, (_, at) => `U${at + 1}`),
  ];
  const random = new SeededRandom(4);
  const rows = Array.from({ length: 20 }, (_, at) => {
    const rest = 3.5 + 0.2 * random.uniform();
    const voltages = Array.from(
      { length: 21 },
      (_u, k) => rest + 0.05 * Math.sin(k) * random.uniform(),
    );
    return ["NMC_21Ah", `id${at >> 1}`, 21, 20, 0.95, 30, ...voltages];
  });
  const run = (change: Change): Promise<{ scored: number; given: unknown[] }> =>
    estimates(evaluateSecondLife, { data: write("pulses.csv", header, rows, change) });

  it("is the same without capacity, health and charge state", async () => {
    const whole = await run(same);
    const blanked = await run(blank("Q", "SOH", "SOC"));
    expect(blanked.given).toEqual(whole.given);
    expect(whole.scored).toBeGreaterThan(0);
    expect(blanked.scored).toBe(0);
  });

  it("does not hang on the cell's name or its other tests", async () => {
    const whole = await run(same);
    expect(
      (await run((column, field, row) => (column === "ID" ? `z${row}` : field))).given,
    ).toEqual(whole.given);
  });
});

describe("the cycle life", () => {
  const random = new SeededRandom(5);
  const cells = ["train-1", "b", "c"];
  const curves = cells.flatMap((cell) =>
    Array.from({ length: 250 }, (_, at) => {
      const tenth = at / 240;
      return [cell, at * 4, tenth, tenth - 0.02 * Math.sin(at / 80) - 0.001 * random.uniform()];
    }),
  );
  const capacities = cells.flatMap((cell) =>
    Array.from({ length: 99 }, (_, at) => [
      cell,
      at + 2,
      1.06 - 1e-4 * at + 1e-5 * random.uniform(),
    ]),
  );
  const run = (change: Change): Promise<{ scored: number; given: unknown[] }> =>
    estimates(evaluateLife, {
      curves: write(
        "curves.csv",
        ["cell", "grid_index", "q_ah_cycle10", "q_ah_cycle100"],
        curves,
        change,
      ),
      capacity: write("capacity.csv", ["cell", "cycle", "q_ah"], capacities, change),
      lives: write(
        "lives.csv",
        ["cell", "split", "cycle_life"],
        cells.map((cell) => [cell, "x", 700]),
        change,
      ),
    });

  it("is the same without the lives and under other names", async () => {
    const whole = await run(same);
    const blanked = await run(blank("cycle_life", "split"));
    expect(blanked.given).toEqual(whole.given);
    expect([whole.scored, blanked.scored]).toEqual([4, 0]);
    expect((await run((column, field) => (column === "cell" ? `n${field}` : field))).given).toEqual(
      whole.given,
    );
  });

  it("is refused with a code when cycles are missing", async () => {
    const file = write("short.csv", ["cell", "cycle", "q_ah"], capacities.slice(0, 50), same);
    const flags = {
      curves: write("c.csv", ["cell", "grid_index", "q_ah_cycle10", "q_ah_cycle100"], curves, same),
      capacity: file,
    };
    await expect(estimates(evaluateLife, flags)).rejects.toMatchObject({ code: "DATA_UNREADABLE" });
  });
});
