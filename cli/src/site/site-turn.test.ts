import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type SitePaths, sitePaths } from "./site-folder.ts";
import { inSiteTurn } from "./site-turn.ts";

let paths: SitePaths;
beforeEach(() => {
  paths = sitePaths(mkdtempSync(join(tmpdir(), "turn-")));
});
afterEach(() => rmSync(paths.root, { recursive: true }));

it("lets in one at a time, however many want to", async () => {
  const list = join(paths.root, "list");
  writeFileSync(list, "0");
  const addOne = (): Promise<void> =>
    inSiteTurn({ paths, clock: systemClock }, async () => {
      const seen = Number(readFileSync(list, "utf8"));
      await new Promise((resolve) => setImmediate(resolve));
      writeFileSync(list, `${seen + 1}`);
    });
  await Promise.all(Array.from({ length: 50 }, addOne));
  expect(readFileSync(list, "utf8")).toBe("50");
  expect(readdirSync(paths.root)).toEqual(["list"]);
});

it("is over when its task fails, and when its process has died", async () => {
  const failing = inSiteTurn({ paths, clock: systemClock }, () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.once("exit", resolve));
  writeFileSync(join(paths.root, "lists.lock"), JSON.stringify({ pid: child.pid, started: "1" }));
  expect(await inSiteTurn({ paths, clock: systemClock }, () => "in")).toBe("in");
});

it("is waited for, but not for ever", async () => {
  const clock = new ManualClock();
  let letGo = (): void => {};
  const held = inSiteTurn(
    { paths, clock },
    () =>
      new Promise<void>((resolve) => {
        letGo = resolve;
      }),
  );
  const waiting = inSiteTurn({ paths, clock }, () => "in");
  const refused = expect(waiting).rejects.toMatchObject({ code: "SITE_BUSY" });
  for (let waited_ms = 0; waited_ms <= 60_100; waited_ms += 20) {
    clock.advance(20);
    await Promise.resolve();
    await Promise.resolve();
  }
  await refused;
  letGo();
  await held;
});
