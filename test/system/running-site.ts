import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const voltfogMain: string = join("cli", "dist", "main.js");

/** What one call of the command printed and how it ended. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command to its end. */
export async function voltfog(...args: readonly string[]): Promise<Finished> {
  const child = spawn(process.execPath, [voltfogMain, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = collect(child);
  const code = await ended(child);
  return { code, ...output() };
}

interface StatusProcess {
  readonly role: string;
  readonly id: string;
  readonly pid: number;
  readonly ports: Readonly<Record<string, number>>;
  readonly dataDir: string;
}

/** A whole site in real processes on free ports and a folder of its own. */
export interface RunningSite {
  readonly dataDir: string;
  readonly web: string;
  readonly processes: readonly StatusProcess[];
  stop(): Promise<Finished>;
}

export async function startSite(...args: readonly string[]): Promise<RunningSite> {
  const dataDir = mkdtempSync(join(tmpdir(), "voltfog-site-"));
  const child = spawn(
    process.execPath,
    [voltfogMain, "up", "--port", "0", "--data", dataDir, ...args],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const output = collect(child);
  const done = ended(child);
  const site = await Promise.race([
    eventually("the site to be up", () => readUp(dataDir)),
    done.then((code) => {
      throw new Error(`voltfog up ended with ${code}: ${output().stderr}${output().stdout}`);
    }),
  ]);
  return {
    dataDir,
    web: site.web,
    processes: site.processes,
    async stop() {
      child.kill("SIGINT");
      const finished = { code: await done, ...output() };
      rmSync(dataDir, { recursive: true, force: true });
      return finished;
    },
  };
}

interface UpFile {
  readonly web: string;
  readonly processes: readonly StatusProcess[];
}

async function readUp(dataDir: string): Promise<UpFile | undefined> {
  const path = join(dataDir, "up.json");
  if (!existsSync(path)) return undefined;
  const up = JSON.parse(readFileSync(path, "utf8")) as UpFile;
  const ready = await fetch(`${up.web}/ready`).catch(() => undefined);
  return ready?.ok === true ? up : undefined;
}

/** Polls until the probe gives a value; says what it waited for when it never does. */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  limit_ms = 90_000,
): Promise<T> {
  const end_ms = Date.now() + limit_ms;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() > end_ms) throw new Error(`waited ${limit_ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The command lines of all processes of this machine (Linux). */
export function processCommands(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(join("/proc", pid, "cmdline"), "utf8").replaceAll("\0", " ");
      } catch {
        return ""; // It ended while we looked.
      }
    });
}

function collect(child: ChildProcess): () => { stdout: string; stderr: string } {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return () => ({ stdout, stderr });
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("close", resolve));
}
