import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const chunk_bytes = 4096;

/**
 * A file system of a few megabytes in memory that really runs full. Needs the right to mount;
 * vitest.config.ts leaves the tests out, and says so, where there is none.
 */
export class SmallDisk {
  readonly folder: string;
  readonly #ballast: string;

  constructor(size_bytes: number) {
    this.folder = mkdtempSync(join(tmpdir(), "voltfog-disk-"));
    this.#ballast = join(this.folder, "ballast");
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size_bytes}`, "tmpfs", this.folder]);
    mkdirSync(this.data);
  }

  /** The part of it that is for the process. */
  get data(): string {
    return join(this.folder, "data");
  }

  /** Takes all space that is left. */
  fill(): void {
    const file = openSync(this.#ballast, "a");
    try {
      for (;;) writeSync(file, new Uint8Array(chunk_bytes));
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code !== "ENOSPC") throw thrown;
    } finally {
      closeSync(file);
    }
  }

  /** Gives back what fill has taken. */
  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  remove(): void {
    execFileSync("umount", [this.folder]);
    rmdirSync(this.folder);
  }
}
