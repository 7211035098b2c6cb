import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Debian's package `faketime`. vitest.config.ts leaves the tests out, and says so, where it is absent. */
const libraries = "/usr/lib";
const name = join("faketime", "libfaketimeMT.so.1");

/** The wall clock of a process, which a test sets forward and back while the process runs. */
export class FakeClock {
  readonly #folder: string = mkdtempSync(join(tmpdir(), "voltfog-clock-"));
  readonly #file: string = join(this.#folder, "offset");

  constructor() {
    this.set(0);
  }

  /** Seconds before or after the true time, from the process's next look at its clock. */
  set(offset_s: number): void {
    writeFileSync(this.#file, `${offset_s < 0 ? "-" : "+"}${Math.abs(offset_s)}\n`);
  }

  /** What the process is started with. Its monotonic clock stays true, as on a real machine. */
  get environment(): Readonly<Record<string, string>> {
    const library = readdirSync(libraries)
      .map((folder) => join(libraries, folder, name))
      .find(existsSync);
    if (library === undefined) throw new Error("libfaketime is not installed");
    return Object.fromEntries([
      ["LD_PRELOAD", library],
      ["FAKETIME_TIMESTAMP_FILE", this.#file],
      ["FAKETIME_NO_CACHE", "1"],
      ["FAKETIME_DONT_FAKE_MONOTONIC", "1"],
    ]);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
