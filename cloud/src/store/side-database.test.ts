import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyPathOf, openSideDatabase, type SideDatabase } from "./side-database.ts";

const tables = ["create table if not exists orders(id integer, outcome varchar)"];
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cloud-side-"));
  path = join(folder, "maintenance.duckdb");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (): Promise<SideDatabase> =>
  openSideDatabase({ path, tables, memoryMax_bytes: 256e6, clock: systemClock });

async function add(database: SideDatabase, ...ids: readonly number[]): Promise<void> {
  await database.transaction((one) =>
    one.append(
      "orders",
      ids.map((id) => [id, "fixed"]),
    ),
  );
}

async function count(database: SideDatabase): Promise<number> {
  const [row] = await database.query("select count(*) as n from orders");
  return Number(row?.["n"]);
}

test("a copy taken in use has what was committed, and stands in for a file that is gone", async () => {
  const database = await open();
  await add(database, 1, 2, 3);
  await Promise.all([add(database, 4), database.copy(), add(database, 5)]);
  expect(await count(database)).toBe(5);
  await database.close();

  rmSync(path);
  rmSync(`${path}.wal`, { force: true });
  const restored = await open();
  expect(await count(restored)).toBe(4);
  await add(restored, 6);
  await restored.copy();
  expect(await count(restored)).toBe(5);
  await restored.close();
});

test("a file that is there is never replaced by its copy", async () => {
  const database = await open();
  await add(database, 1);
  await database.copy();
  await add(database, 2);
  await database.close();
  const again = await open();
  expect(await count(again)).toBe(2);
  await again.close();
});

test("a copy that cannot be written is said, leaves the last one and spoils nothing", async () => {
  const database = await open();
  await add(database, 1);
  await database.copy();
  rmSync(folder, { recursive: true, force: true });
  await expect(database.copy()).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect(existsSync(copyPathOf(path))).toBe(false);
  expect(await count(database)).toBe(1);
  await database.close();
});
