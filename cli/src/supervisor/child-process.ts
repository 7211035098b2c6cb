import { type StdioOptions, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** What starts one process. */
export interface ChildPlan {
  readonly id: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly logFile: string;
}

/** How a process ended: its exit code, or the signal that ended it. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A started process as its supervisor sees it. */
export interface Child {
  readonly pid: number;
  /** Resolves once, however the process ends; a program that cannot be started ends with code 127. */
  readonly ended: Promise<ChildEnd>;
  /** Resolves with what the process said when it began to serve; never, if it ends before. */
  readonly running: Promise<unknown>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/**
 * Starts a process in its own session, so that Ctrl-C reaches the supervisor alone, with its output
 * appended to the log file. The channel between the two closes when the supervisor dies, however it
 * dies, and the process then stops by itself.
 */
export function startChild(plan: ChildPlan): Child {
  const [program = "", ...args] = plan.command;
  const log = openLog(plan.logFile);
  const stdio: StdioOptions = ["ignore", log, log, "ipc"];
  const child = spawn(program, args, { detached: true, stdio });
  if (typeof log === "number") closeSync(log);
  return {
    pid: child.pid ?? 0,
    ended: new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
      child.once("error", () => {
        if (child.pid === undefined) resolve({ code: 127, signal: null });
      });
    }),
    running: new Promise((resolve) => child.once("message", resolve)),
    kill: (signal) => {
      child.kill(signal);
    },
  };
}

/** A full disk costs the log, not the process. */
function openLog(path: string): number | "ignore" {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, "a", 0o644);
  } catch {
    return "ignore";
  }
}
