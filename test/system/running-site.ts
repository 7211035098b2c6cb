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
  readonly pid: number | null;
  readonly ports: Readonly<Record<string, number>>;
  readonly dataDir: string;
}

/** A whole site in real processes on free ports and a folder of its own. */
export interface RunningSite {
  readonly dataDir: string;
  readonly web: string;
  readonly processes: readonly StatusProcess[];
  /** The process that does this job now; undefined while it waits for its next start. */
  pidOf(id: string): number | undefined;
  /** What `voltfog up` has said so far. */
  said(): string;
  /** Ends the run with a Ctrl-C and keeps its folder. */
  finish(): Promise<Finished>;
  remove(): void;
  /** Ends the run and removes its folder. */
  stop(): Promise<Finished>;
}

export function startSite(...args: readonly string[]): Promise<RunningSite> {
  return startSiteIn(mkdtempSync(join(tmpdir(), "voltfog-site-")), ...args);
}

/** Starts the site of this folder, which is made where there is none. */
export async function startSiteIn(
  dataDir: string,
  ...args: readonly string[]
): Promise<RunningSite> {
  rmSync(join(dataDir, "up.json"), { force: true });
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
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true });
  const finish = async (): Promise<Finished> => {
    child.kill("SIGINT");
    return { code: await done, ...output() };
  };
  return {
    dataDir,
    web: site.web,
    processes: site.processes,
    pidOf: (id) =>
      upFile(dataDir)?.processes.find((process) => process.id === id)?.pid ?? undefined,
    said: () => output().stdout + output().stderr,
    finish,
    remove,
    async stop() {
      const finished = await finish();
      remove();
      return finished;
    },
  };
}

interface UpFile {
  readonly web: string;
  readonly processes: readonly StatusProcess[];
}

function upFile(dataDir: string): UpFile | undefined {
  const path = join(dataDir, "up.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as UpFile) : undefined;
}

async function isReady(port: number | undefined): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
  return answer?.ok === true;
}

async function readUp(dataDir: string): Promise<UpFile | undefined> {
  const up = upFile(dataDir);
  if (up === undefined) return undefined;
  // The cloud may be there before a unit listens.
  const ready = await Promise.all(up.processes.map(({ ports }) => isReady(ports["http"])));
  return ready.every((one) => one) ? up : undefined;
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
