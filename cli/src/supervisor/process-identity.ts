import { readFileSync } from "node:fs";

/** A process by number and, where the system says it, by its start: numbers are used again. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly started: string;
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, started: startOf(pid) };
}

/** True while that very process lives; one that has ended and waits to be collected does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0);
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== "EPERM") return false;
  }
  const { state, started } = statOf(identity.pid);
  return started === identity.started && state !== "Z";
}

function startOf(pid: number): string {
  return statOf(pid).started;
}

/** Name and parent of a process; undefined where there is no /proc or no such process. */
export function parentOf(pid: number): { name: string; parent: number } | undefined {
  const { name, parent } = statOf(pid);
  return name === "" ? undefined : { name, parent };
}

/** proc(5): name, state, parent and start time in clock ticks since the machine's start; empty where there is no /proc. */
function statOf(pid: number): { name: string; state: string; parent: number; started: string } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    const name = text.slice(text.indexOf("(") + 1, end);
    const fields = text.slice(end + 2).split(" ");
    return {
      name,
      state: fields[0] ?? "",
      parent: Number(fields[1]),
      started: fields[19] ?? "",
    };
  } catch {
    return { name: "", state: "", parent: 0, started: "" };
  }
}
