import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Lines to a file that never grows beyond a size: when the next line would, the file becomes `<file>.1`,
 * that one `<file>.2`, and the oldest goes. A full disk loses log lines and stops nothing.
 */
export class RotatingLog {
  readonly #path: string;
  readonly #fileMax_bytes: number;
  readonly #filesKept: number;
  #size_bytes: number;

  constructor(options: { path: string; fileMax_bytes: number; filesKept: number }) {
    this.#path = options.path;
    this.#fileMax_bytes = options.fileMax_bytes;
    this.#filesKept = options.filesKept;
    mkdirSync(dirname(options.path), { recursive: true });
    this.#size_bytes = existsSync(options.path) ? statSync(options.path).size : 0;
  }

  write(line: string): void {
    try {
      const length_bytes = Buffer.byteLength(line);
      if (this.#size_bytes > 0 && this.#size_bytes + length_bytes > this.#fileMax_bytes) {
        this.#rotate();
      }
      appendFileSync(this.#path, line);
      this.#size_bytes += length_bytes;
    } catch {
      // The validator matters more than its log; doctor and preflight speak of full disks.
    }
  }

  #rotate(): void {
    const file = (number: number): string =>
      number === 0 ? this.#path : `${this.#path}.${number}`;
    const oldest = this.#filesKept - 1;
    rmSync(file(oldest), { force: true });
    for (let number = oldest - 1; number >= 0; number--) {
      if (existsSync(file(number))) renameSync(file(number), file(number + 1));
    }
    this.#size_bytes = 0;
  }
}
