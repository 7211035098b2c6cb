import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, CodedError } from "@voltfog/runtime";

const startLimit_ms = 120_000;
const step_ms = 200;
const answerLimit_ms = 1000;

interface UpProcess {
  readonly id: string;
  readonly pid: number | null;
  readonly ports: Readonly<Record<string, number>>;
}

/** A whole site in processes of its own, which is counted from its disk when it ends. */
export interface CountedSite {
  /** The JSON that a process answers with on its plain side; undefined where none came within a second. */
  ask<T>(id: string, path: string): Promise<T | undefined>;
  /** The process that does this job now; undefined while it waits for its next start. */
  pidOf(id: string): number | undefined;
  /** Ends the run and gives the samples that are lost without explanation, and those that were sent. */
  count(): Promise<{ readonly lost: number; readonly sent: number }>;
  stop(): Promise<void>;
}

/** Starts `voltfog up`; resolves when all its processes were started. */
export async function startCountedSite(o: {
  self: readonly string[];
  folder: string;
  clock: Clock;
  flags: readonly string[];
}): Promise<CountedSite> {
  mkdirSync(o.folder, { recursive: true });
  const dataDir = join(o.folder, "site");
  const report = join(o.folder, "report.json");
  const log = openSync(join(o.folder, "site.log"), "a");
  const [program = process.execPath, ...words] = o.self;
  const run = ["up", "--port", "0", "--data", dataDir, "--for", "1h", "--report", report];
  const child = spawn(program, [...words, ...run, ...o.flags], { stdio: ["ignore", log, log] });
  closeSync(log);
  const end_ms = o.clock.monotonic_ms() + startLimit_ms;
  while (processesIn(dataDir).length === 0) {
    if (o.clock.monotonic_ms() > end_ms || child.exitCode !== null) {
      await ended(child);
      throw new CodedError({
        code: "SITE_NOT_STARTED",
        message: `voltfog up did not start in ${startLimit_ms / 1000} s`,
        remedy: `keep the folder with --keep and read ${join(o.folder, "site.log")}`,
      });
    }
    await new Promise<void>((resolve) => o.clock.after(step_ms, resolve));
  }
  return {
    async ask<T>(id: string, path: string) {
      const port = processesIn(dataDir).find((one) => one.id === id)?.ports["http"];
      try {
        const signal = AbortSignal.timeout(answerLimit_ms);
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal });
        return answer.ok ? ((await answer.json()) as T) : undefined;
      } catch {
        return undefined;
      }
    },
    pidOf: (id) => processesIn(dataDir).find((one) => one.id === id)?.pid ?? undefined,
    async count() {
      await ended(child);
      const counted = JSON.parse(readFileSync(report, "utf8")) as {
        unexplainedLoss: number;
        samplesSent: number;
      };
      return { lost: counted.unexplainedLoss, sent: counted.samplesSent };
    },
    stop: () => ended(child),
  };
}

function processesIn(dataDir: string): readonly UpProcess[] {
  const file = join(dataDir, "up.json");
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, "utf8")) as { processes: readonly UpProcess[] }).processes;
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGINT");
  });
}
