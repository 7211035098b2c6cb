import { appendFileSync, existsSync, statSync, truncateSync, writeFileSync } from "node:fs";
import type { GrowingFile, OpenGrowingFile } from "../journal-writer.ts";

/** What to do with the next write: let it be, run out of space in the middle, or lose power in the middle. */
export type DiskFault = { readonly kind: "full" | "power"; readonly after_bytes: number };

/**
 * A disk that counts its fdatasyncs, runs full on demand, and at a power cut keeps only what was
 * synced and, of the write under way, as much as the test says.
 */
export class ForgetfulDisk {
  syncs = 0;
  fault: DiskFault | undefined;
  /** While true, not even cutting off what a failed write left works. */
  stuck = false;
  /** Resolves when the power is gone. */
  readonly off: Promise<void>;
  #isOff = false;
  #turnOff: () => void = () => {};

  constructor() {
    this.off = new Promise((resolve) => {
      this.#turnOff = resolve;
    });
  }

  readonly open: OpenGrowingFile = (path) => {
    if (!existsSync(path)) writeFileSync(path, "");
    return Promise.resolve(this.#file(path));
  };

  #file(path: string): GrowingFile {
    let size = statSync(path).size;
    let cutDue = false;
    const cut = (to: number): void => {
      if (this.stuck) throw Object.assign(new Error("input/output error"), { code: "EIO" });
      truncateSync(path, to);
      cutDue = false;
    };
    return {
      path,
      get size_bytes() {
        return size;
      },
      append: async (bytes) => {
        await Promise.resolve();
        if (this.#isOff) return await new Promise<never>(() => {});
        if (cutDue) cut(size);
        const { fault } = this;
        this.fault = undefined;
        if (fault === undefined) {
          appendFileSync(path, bytes);
          this.syncs++;
          size += bytes.length;
          return;
        }
        appendFileSync(path, bytes.subarray(0, fault.after_bytes));
        if (fault.kind === "power") {
          this.#isOff = true;
          this.#turnOff();
          return await new Promise<never>(() => {});
        }
        cutDue = true;
        if (!this.stuck) cut(size);
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      },
      truncate: (to) => {
        truncateSync(path, to);
        size = to;
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
  }
}
