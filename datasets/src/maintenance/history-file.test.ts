import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { fleetHistory } from "@voltfog/battery";
import { afterAll, describe, expect, it } from "vitest";
import { writeFleetHistory } from "./history-file.ts";

const root = mkdtempSync(join(tmpdir(), "history-"));
afterAll(() => rmSync(root, { recursive: true }));

const fleet = { seed: 6, vehicles: 2, days: 4 };

function write(name: string): { readonly out: string; readonly rows: number } {
  const out = join(root, name);
  const { rows } = writeFleetHistory({ ...fleet, out, onVehicle: () => undefined });
  return { out, rows };
}

function linesOf(path: string): readonly string[] {
  return readFileSync(path, "utf8").trimEnd().split("\n");
}

const days = [...fleetHistory(fleet)];
const rowsThere = days.reduce((sum, { readings }) => sum + readings.wall_ms.length, 0);

describe("a file of a fleet history", () => {
  it("as CSV has a header and a line per row, the same bytes each time", () => {
    const { out, rows } = write("a.csv");
    expect(rows).toBe(rowsThere);
    expect(linesOf(out)).toHaveLength(rows + 1);
    expect(linesOf(out)[1]?.split(",")[1]).toBe(String(days[0]?.readings.wall_ms[0]));
    expect(readFileSync(write("b.csv").out)).toEqual(readFileSync(out));
  });

  it("as JSON lines names every value", () => {
    const { out, rows } = write("a.jsonl");
    expect(linesOf(out)).toHaveLength(rows);
    expect(JSON.parse(linesOf(out)[0] ?? "")).toMatchObject({
      vehicle_id: "history-0001",
      soc: days[0]?.readings.soc[0],
    });
  });

  it("as Parquet is read by DuckDB with every row and value", async () => {
    const { out, rows } = write("a.parquet");
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const read = await connection.runAndReadAll(
      `select count(*)::int n, count(distinct vehicle_id)::int vehicles, sum(wall_ms)::double time_ms,
         sum(cell_max_mV)::double cells, min(pack_current_A)::double least from '${out}'`,
    );
    const [found] = read.getRowObjects();
    const sum = (of: (readings: (typeof days)[number]["readings"]) => ArrayLike<number>): number =>
      days.reduce(
        (total, { readings }) => total + Array.from(of(readings)).reduce((a, b) => a + b, 0),
        0,
      );
    expect(found).toMatchObject({ n: rows, vehicles: 2, time_ms: sum(({ wall_ms }) => wall_ms) });
    expect(found?.["cells"]).toBe(sum(({ cellMax_mV }) => cellMax_mV));
    expect(found?.["least"]).toBeLessThan(-10);
    connection.closeSync();
  });

  it("has the truth of each vehicle and day beside it, labelled simulated", () => {
    const { out } = write("c.csv");
    const lines = linesOf(`${out}.truth.jsonl`).map((line) => JSON.parse(line));
    expect(lines).toHaveLength(2 + 2 * fleet.days);
    expect(lines[0]).toMatchObject({ origin: "simulated", vehicle_id: "history-0001", faults: [] });
    expect(lines[1]).toMatchObject({ day: days[0]?.readings.day, usable: days[0]?.truth.usable });
  });

  it("is not written over another, nor with a name that says no format", () => {
    write("d.csv");
    expect(() => write("d.csv")).toThrow(/EEXIST/);
    expect(existsSync(join(root, "d.csv"))).toBe(true);
    expect(() => write("e.txt")).toThrow(/ends in none/);
    expect(existsSync(join(root, "e.txt"))).toBe(false);
  });
});
