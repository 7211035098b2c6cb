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

/** State and start time in clock ticks since the machine's start (proc(5), fields 3 and 22); empty where there is no /proc. */
function statOf(pid: number): { state: string; started: string } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", started: fields[19] ?? "" };
  } catch {
    return { state: "", started: "" };
  }
}
