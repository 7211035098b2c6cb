import { readFileSync } from "node:fs";
import { systemClock } from "@voltfog/runtime/node";
import type { MemoryLook } from "./memory-trend.ts";

/** Looks at every process's resident memory in even steps; sees nothing where there is no /proc. */
export class MemoryWatch {
  readonly #looks: MemoryLook[] = [];
  readonly #pids: () => ReadonlyMap<string, number>;
  readonly #step_ms: number;
  readonly #start_ms = systemClock.monotonic_ms();
  #cancel: () => void = () => {};

  constructor(o: { pids: () => ReadonlyMap<string, number>; step_ms: number }) {
    this.#pids = o.pids;
    this.#step_ms = o.step_ms;
    this.#look();
  }

  get looks(): readonly MemoryLook[] {
    return this.#looks;
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const at_ms = Math.round(systemClock.monotonic_ms() - this.#start_ms);
    for (const [id, pid] of this.#pids()) {
      const resident_MB = residentMemory_MB(pid);
      if (resident_MB !== undefined) this.#looks.push({ at_ms, id, pid, resident_MB });
    }
    this.#cancel = systemClock.after(this.#step_ms, () => this.#look());
  }
}

/** VmRSS of proc(5), all threads together. */
function residentMemory_MB(pid: number): number | undefined {
  try {
    const [, size_kB] =
      /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return size_kB === undefined ? undefined : Number(size_kB) / 1024;
  } catch {
    return undefined;
  }
}
