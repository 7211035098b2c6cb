import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const here = (name: string): string => new URL(name, import.meta.url).href;
const fromSource = ["--conditions=source", "--import", "tsx"];

/** A process that writes down how it ended; `deaf` never finishes its stop. */
const child = `
import { appendFileSync } from "node:fs";
import { runUntilStopped } from "${here("./process-lifetime.ts")}";
const [record, mode] = process.argv.slice(2);
process.on("exit", (code) => appendFileSync(record, "exit " + code + "\\n"));
const logger = { error() {}, warn() {}, info() {}, debug() {} };
const start = async () => {
  if (mode === "broken") throw new Error("no start");
  appendFileSync(record, "started\\n");
  setInterval(() => {}, 1000);
  return {
    ports: { http: 1 },
    stop: () => {
      appendFileSync(record, "stop\\n");
      return mode === "deaf" ? new Promise(() => {}) : Promise.resolve();
    },
  };
};
process.exitCode = await runUntilStopped({ start, logger }).catch(() => 2);
`;

const parent = `
import { startChild } from "${here("./supervisor/child-process.ts")}";
const [script, record, mode, log] = process.argv.slice(2);
const command = [process.execPath, ...process.execArgv, script, record, mode];
const started = startChild({ id: "a", command, logFile: log });
await Promise.race([started.running, started.ended]);
console.log(started.pid);
setInterval(() => {}, 1000);
`;

describe("runUntilStopped", { timeout: 60_000 }, () => {
  let folder = "";
  let parentProcess: ChildProcess | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lifetime-"));
    writeFileSync(join(folder, "child.mts"), child);
    writeFileSync(join(folder, "parent.mts"), parent);
  });
  afterEach(() => {
    parentProcess?.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });

  const record = (): string =>
    existsSync(join(folder, "record")) ? readFileSync(join(folder, "record"), "utf8") : "";
  const patience = { timeout: 30_000 };

  /** Resolves with the child's process number once it serves. */
  async function start(mode: string): Promise<number> {
    const files = ["child.mts", "record"].map((name) => join(folder, name));
    const args = [...fromSource, join(folder, "parent.mts"), ...files, mode, join(folder, "log")];
    const started = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    parentProcess = started;
    return new Promise((resolve) => {
      started.stdout.once("data", (text) => resolve(Number(String(text))));
    });
  }

  it("stops in order on SIGTERM", async () => {
    process.kill(await start("good"), "SIGTERM");
    await expect.poll(record, patience).toBe("started\nstop\nexit 0\n");
  });

  it("ends at once when it cannot start, though its supervisor lives", async () => {
    await start("broken");
    await expect.poll(record, patience).toBe("exit 2\n");
  });

  it("stops by itself when its supervisor was killed", async () => {
    await start("good");
    parentProcess?.kill("SIGKILL");
    await expect.poll(record, patience).toBe("started\nstop\nexit 0\n");
  });

  it("ends without its supervisor even when its stop never ends", async () => {
    await start("deaf");
    parentProcess?.kill("SIGKILL");
    await expect.poll(record, patience).toBe("started\nstop\nexit 1\n");
  });
});
