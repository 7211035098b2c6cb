import { readFileSync } from "node:fs";
import type { Clock } from "@voltfog/runtime";
import { sharedTime_ms } from "./shared-time.ts";

/** Clock ticks per second of /proc; fixed at 100 for user space on every Linux architecture. */
const ticks_Hz = 100;
const interval_ms = 100;

export interface CpuTimes {
  /** All threads, user and system. */
  readonly process_ms: number;
  /** The thread that runs JavaScript. */
  readonly mainThread_ms: number;
}

interface Look extends CpuTimes {
  readonly at_ms: number;
}

/** Watches how much processor time a process takes; silent where there is no /proc. */
export class CpuWatch {
  readonly #pid: number;
  readonly #looks: Look[] = [];
  #cancel: () => void = () => {};

  constructor(o: { pid: number; clock: Clock }) {
    this.#pid = o.pid;
    const look = (): void => {
      const times = cpuTimes(this.#pid);
      if (times !== undefined) this.#looks.push({ at_ms: sharedTime_ms(), ...times });
      this.#cancel = o.clock.after(interval_ms, look);
    };
    look();
  }

  stop(): void {
    this.#cancel();
  }

  /** Time taken between two moments, linear between two looks; undefined where nothing was seen. */
  between(from_ms: number, to_ms: number): CpuTimes | undefined {
    const start = this.#at(from_ms);
    const end = this.#at(to_ms);
    if (start === undefined || end === undefined) return undefined;
    return {
      process_ms: end.process_ms - start.process_ms,
      mainThread_ms: end.mainThread_ms - start.mainThread_ms,
    };
  }

  #at(time_ms: number): CpuTimes | undefined {
    const next = this.#looks.findIndex(({ at_ms }) => at_ms >= time_ms);
    const after = this.#looks[next];
    const before = this.#looks[next - 1];
    if (after === undefined || before === undefined) return after ?? this.#looks.at(-1);
    const share = (time_ms - before.at_ms) / (after.at_ms - before.at_ms);
    const mix = (a: number, b: number): number => a + share * (b - a);
    return {
      process_ms: mix(before.process_ms, after.process_ms),
      mainThread_ms: mix(before.mainThread_ms, after.mainThread_ms),
    };
  }
}

/** What a process has taken so far; undefined where /proc doesn't say. */
export function cpuTimes(pid: number): CpuTimes | undefined {
  try {
    const process_ms = parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
    const mainThread_ms = parseStat(readFileSync(`/proc/${pid}/task/${pid}/stat`, "utf8"));
    return { process_ms, mainThread_ms };
  } catch {
    return undefined;
  }
}

/** utime and stime, the 14th and 15th field (proc(5)); the second, a name, may hold blanks and brackets. */
export function parseStat(text: string): number {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (1000 * (Number(fields[11]) + Number(fields[12]))) / ticks_Hz;
}
