import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockHolder } from "./process-lock.ts";
import { lockSite } from "./site-lock.ts";

describe("lockSite", () => {
  let folder = "";
  let path = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lock-"));
    path = join(folder, "up.lock");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("lets one in, names it to the next, and lets the next in afterwards", () => {
    const release = lockSite(path);
    expect(lockHolder(path)).toBe(process.pid);
    expect(() => lockSite(path)).toThrow(
      `voltfog up already runs on this folder (process ${process.pid})`,
    );
    release();
    expect(lockHolder(path)).toBeUndefined();
    lockSite(path)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("says where it cannot write, and what to do", () => {
    // Not even root makes files there.
    expect(() => lockSite("/proc/up.lock")).toThrow(
      expect.objectContaining({
        code: "FOLDER_UNWRITABLE",
        message: expect.stringContaining("/proc"),
        remedy: expect.stringContaining("voltfog doctor"),
      }),
    );
  });

  it("takes over from a process that has died", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => child.once("exit", resolve));
    writeFileSync(path, JSON.stringify({ pid: child.pid, started: "1" }));
    lockSite(path)();
  });

  it("takes over when the number belongs to another process by now, and from a torn file", () => {
    writeFileSync(path, JSON.stringify({ pid: process.pid, started: "1" }));
    expect(lockHolder(path)).toBeUndefined();
    lockSite(path)();
    writeFileSync(path, '{"pid":');
    lockSite(path)();
  });
});
