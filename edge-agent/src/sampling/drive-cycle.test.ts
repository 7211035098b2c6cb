import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../testing/test-vehicle.ts";
import { cellAt, duration_s } from "./drive-cycle.ts";
import { readDriveCycles } from "./drive-cycle-file.ts";

const header = "ambient_c,profile,t_s,v,i,temp,ah";
const rows = [
  "25,US06,0,4.0,-1.0,24.0,0",
  "25,US06,1,3.9,-2.0,24.5,-0.5",
  "25,US06,4,3.6,1.0,26.0,-2",
  "25,LA92,0,4.1,0,24.0,0",
];

function file(text: string, name = "drive.csv"): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}

test("a file gives its cycles in order, compressed or not", async () => {
  const text = [header, ...rows, ""].join("\n");
  const plain = await readDriveCycles(file(text));
  expect(plain.map(({ name }) => name)).toEqual(["LG HG2 US06 25 degC", "LG HG2 LA92 25 degC"]);
  expect(await readDriveCycles(file(text, "drive.csv.gz"))).toEqual(plain);
});

test("no more of a file is read than the cycles that are wanted", async () => {
  const text = [header, ...rows, "25,LA92,1,4.1,0,24.0,0", "25,HWFET,0,broken,0,24,0"].join("\n");
  const cycles = await readDriveCycles(file(text), { cyclesMax: 1 });
  expect(cycles.map(({ name }) => name)).toEqual(["LG HG2 US06 25 degC"]);
  expect(cycles[0]?.time_s).toHaveLength(3);
});

test("between rows a cycle is interpolated, over holes too, and it ends where it ends", async () => {
  const [cycle] = await readDriveCycles(file([header, ...rows].join("\n")));
  if (cycle === undefined) throw new Error("no cycle");
  expect(duration_s(cycle)).toBe(4);
  expect(cellAt(cycle, 0.5).cellVoltage_V).toBeCloseTo(3.95, 5);
  expect(cellAt(cycle, 2).cellCurrent_A).toBeCloseTo(-1, 5);
  expect(cellAt(cycle, 2.5).surface_degC).toBeCloseTo(25.25, 5);
  expect(cellAt(cycle, 99)).toEqual(cellAt(cycle, 4));
  expect(cellAt(cycle, -1)).toEqual(cellAt(cycle, 0));
});

test.each([
  ["other columns", "a,b\n1,2\n"],
  ["text for a number", `${header}\n25,US06,0,full,0,24,0\n`],
  ["an empty field", `${header}\n25,US06,0,,0,24,0\n`],
  ["time going back", `${header}\n${rows[1]}\n${rows[0]}\n`],
  ["no rows", `${header}\n`],
  ["a short row", `${header}\n25,US06,0\n`],
])("a file with %s is refused with a code", async (_what, text) => {
  await expect(readDriveCycles(file(text))).rejects.toMatchObject({ code: "REPLAY_UNREADABLE" });
});

test("a broken archive and a missing file are refused with a code", async () => {
  const broken = file("not gzip");
  await expect(readDriveCycles(`${broken}.gz`)).rejects.toMatchObject({
    code: "REPLAY_UNREADABLE",
  });
});
