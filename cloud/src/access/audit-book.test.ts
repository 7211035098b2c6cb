import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, silentLogger } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Access, AuditBook } from "./audit-book.ts";

let folder: string;
const clock = new ManualClock();
const looked: Access = {
  ...{ caller: "t-1", role: "auditor", fleet: null, method: "GET", granted: true },
  ...{ route: "/v1/vehicles/:id", vehicleId: "car-1" },
};
const everything = { before_ms: Number.MAX_SAFE_INTEGER, limit: 1000 };
const open = (sizeMax_bytes = 1_000_000): Promise<AuditBook> =>
  AuditBook.open({ folder, sizeMax_bytes, clock, logger: silentLogger });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("an access is on the disk before it is granted, so that a kill takes nothing back", async () => {
  const book = await open();
  await book.note(looked);
  await book.note({ ...looked, vehicleId: "car-2", granted: false });
  const after = await open(); // Nothing was closed: the first book's process is thought to be dead.
  const entries = await after.entries(everything);
  expect(entries.map(({ vehicleId, granted, times }) => [vehicleId, granted, times])).toEqual([
    ["car-2", false, 1],
    ["car-1", true, 1],
  ]);
  await Promise.all([book.close(), after.close()]);
});

test("repeats within a minute are counted in one entry, and nobody's are counted for another", async () => {
  const book = await open();
  book.start();
  for (let i = 0; i < 100; i++) await book.note(looked);
  await book.note({ ...looked, caller: "t-2" });
  expect(await book.entries(everything)).toHaveLength(2);
  clock.advance(61_000);
  await book.note({ ...looked, caller: "t-3" });
  const mine = await book.entries({ ...everything, caller: "t-1" });
  expect(mine.map(({ times }) => times)).toEqual([99, 1]);
  await book.close();
});

test("it is bounded: the oldest entries go and the newest stay", async () => {
  const book = await open(64_000);
  for (let i = 0; i < 1000; i++) await book.note({ ...looked, vehicleId: `car-${i}` });
  const size_bytes = readdirSync(folder).reduce((sum, name) => {
    return sum + statSync(join(folder, name)).size;
  }, 0);
  expect(size_bytes).toBeLessThan(64_000 + 8000);
  expect(readdirSync(folder)).toHaveLength(16);
  const entries = await book.entries({ ...everything, limit: 3 });
  expect(entries.map(({ vehicleId }) => vehicleId)).toEqual(["car-999", "car-998", "car-997"]);
  await book.close();
});

test("accesses at the same time are all written while the file changes", async () => {
  const book = await open(32_000);
  await Promise.all(
    Array.from({ length: 60 }, (_, i) => book.note({ ...looked, vehicleId: `car-${i}` })),
  );
  expect((await book.entries(everything)).length).toBe(60);
  await book.close();
});

test("who looked at a vehicle includes who was shown all vehicles", async () => {
  const book = await open();
  await book.note({ ...looked, vehicleId: "*" });
  await book.note({ ...looked, vehicleId: "car-2" });
  const entries = await book.entries({ ...everything, vehicleId: "car-1" });
  expect(entries.map(({ vehicleId }) => vehicleId)).toEqual(["*"]);
  await book.close();
});

test("a torn end is cut off, and a damaged file is kept while a new one is begun", async () => {
  let book = await open();
  await book.note(looked);
  await book.note({ ...looked, vehicleId: "car-2" });
  await book.close();
  const [name = ""] = readdirSync(folder);
  truncateSync(join(folder, name), statSync(join(folder, name)).size - 3);
  book = await open();
  expect(await book.entries(everything)).toHaveLength(1);
  await book.close();
  writeFileSync(join(folder, name), "this is no such file");
  book = await open();
  await book.note(looked);
  expect(readdirSync(folder)).toHaveLength(2);
  await book.close();
});

test("an access that cannot be recorded is refused", async () => {
  const book = await open();
  await book.close();
  await expect(book.note(looked)).rejects.toMatchObject({ code: "AUDIT_FAILED" });
});
