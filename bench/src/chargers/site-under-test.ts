import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, CodedError } from "@voltfog/runtime";

const startLimit_ms = 90_000;
const step_ms = 200;

/** A whole small site in processes of its own. */
export interface RunningSite {
  /** Address of the cloud's API. */
  readonly web: string;
  stop(): Promise<void>;
}

/** Starts `voltfog up`, with one unit and one vehicle unless `flags` say so; resolves when its cloud knows of chargers. */
export async function startSite(o: {
  self: readonly string[];
  folder: string;
  clock: Clock;
  flags?: readonly string[];
  limit_ms?: number;
}): Promise<RunningSite> {
  const { flags = ["--units", "1", "--vehicles", "1"], limit_ms = startLimit_ms } = o;
  mkdirSync(o.folder, { recursive: true });
  const dataDir = join(o.folder, "site");
  const log = openSync(join(o.folder, "site.log"), "a");
  const small = [...flags, "--log-level", "warn"];
  const [program = process.execPath, ...words] = o.self;
  const child = spawn(program, [...words, "up", "--port", "0", "--data", dataDir, ...small], {
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const stop = (): Promise<void> => end(child);
  const end_ms = o.clock.monotonic_ms() + limit_ms;
  while (o.clock.monotonic_ms() < end_ms && child.exitCode === null) {
    const web = await addressOf(dataDir);
    if (web !== undefined) return { web, stop };
    await new Promise<void>((resolve) => o.clock.after(step_ms, resolve));
  }
  await stop();
  throw new CodedError({
    code: "SITE_NOT_STARTED",
    message: `voltfog up did not start in ${limit_ms / 1000} s`,
    remedy: `keep the folder with --keep and read ${join(o.folder, "site.log")}`,
  });
}

async function addressOf(dataDir: string): Promise<string | undefined> {
  const file = join(dataDir, "up.json");
  if (!existsSync(file)) return undefined;
  const { web } = JSON.parse(readFileSync(file, "utf8")) as { web: string };
  const answer = await fetch(`${web}/v1/chargers`).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer?.ok === true ? web : undefined;
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGINT");
  });
}
