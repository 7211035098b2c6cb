import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import type { DiskFile, OpenDiskFile } from "../../packages/runtime/src/node/index.ts";

/**
 * A disk that loses at a power cut whatever was not synced, as kill -9 never does. Bytes go to real
 * files, so that readers find them; the cut takes each file back to its last sync. That a disk may keep
 * some of the rest is no harder: then less is missing. Names of files are kept and deleted at once.
 */
export class ForgetfulDisk {
  /** Syncs that did their work. */
  syncs = 0;
  readonly #forgets: (path: string) => boolean;
  readonly #synced = new Map<string, Buffer>();
  #isOff = false;

  /** `forgets` names the files whose syncs do nothing: the same program without these calls. */
  constructor(options: { forgets?: (path: string) => boolean } = {}) {
    this.#forgets = options.forgets ?? (() => false);
  }

  readonly open: OpenDiskFile = (path) => {
    const file = openSync(path, "a+", 0o644);
    if (!this.#synced.has(path)) this.#synced.set(path, readFileSync(path));
    return Promise.resolve(this.#watched(path, file));
  };

  /** From now on nothing that was opened does anything any more, and no call of it comes back. */
  cutPower(): void {
    this.#isOff = true;
    for (const [path, bytes] of this.#synced) if (existsSync(path)) writeFileSync(path, bytes);
  }

  #watched(path: string, file: number): DiskFile {
    return {
      // Half of it, so that a cut in between finds a torn write.
      write: (bytes, from, length_bytes) =>
        this.#slowly(() => {
          const bytesWritten = writeSync(file, bytes, from, Math.ceil(length_bytes / 2));
          return { bytesWritten };
        }),
      datasync: async () => {
        const covered = readFileSync(path);
        await this.#slowly(() => {
          if (this.#forgets(path)) return;
          this.#synced.set(path, covered);
          this.syncs++;
        });
      },
      truncate: (size_bytes) => this.#slowly(() => ftruncateSync(file, size_bytes)),
      read: (target, at, length_bytes, from_bytes) =>
        this.#slowly(() => ({ bytesRead: readSync(file, target, at, length_bytes, from_bytes) })),
      stat: () => this.#slowly(() => statSync(path)),
      close: () => this.#slowly(() => closeSync(file)),
    };
  }

  /** A turn of the event loop later, as a real disk takes its time; never, once the power is gone. */
  async #slowly<T>(work: () => T): Promise<T> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.#isOff ? await new Promise<never>(() => {}) : work();
  }
}
