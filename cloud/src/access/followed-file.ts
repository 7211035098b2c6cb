import { readFileSync, statSync } from "node:fs";
import {
  type Clock,
  CodedError,
  type Logger,
  messageOf,
  type Outcome,
  type Problem,
} from "@voltfog/runtime";

/** Often enough that what is taken out of a file holds no longer within a second. */
const look_ms = 500;

export interface FollowedFileOptions<T> {
  /** An empty path is a file that is never there. */
  readonly path: string;
  /** What is in force without a file. */
  readonly absent: T;
  readonly read: (text: string) => Outcome<T, Problem & { readonly detail: string }>;
  /** What the file holds, for the log: "tokens". */
  readonly name: string;
  /** Code and remedy of a file that is damaged at the start. */
  readonly code: string;
  readonly remedy: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A file's meaning, followed while the process runs. A file that becomes damaged changes nothing and is
 * said once; at the start it throws CodedError with the given code.
 */
export class FollowedFile<T> {
  readonly #options: FollowedFileOptions<T>;
  #value: T;
  #stamp: string;
  #cancel = (): void => {};

  constructor(options: FollowedFileOptions<T>) {
    this.#options = options;
    this.#stamp = stampOf(options.path);
    const read = this.#read();
    if (!read.ok) {
      throw new CodedError({
        code: options.code,
        message: `${options.path}: ${read.problem.detail}`,
        remedy: options.remedy,
      });
    }
    this.#value = read.value;
  }

  get value(): T {
    return this.#value;
  }

  start(): void {
    if (this.#options.path === "") return;
    this.#cancel = this.#options.clock.after(look_ms, () => {
      this.#look();
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const { path, name, logger } = this.#options;
    const stamp = stampOf(path);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    const read = this.#read();
    if (!read.ok) {
      const { detail } = read.problem;
      logger.error(`${name} not taken: what held before holds`, { detail });
      return;
    }
    this.#value = read.value;
    logger.info(`${name} read again`);
  }

  #read(): Outcome<T, Problem & { readonly detail: string }> {
    const { path, absent, read, code } = this.#options;
    if (this.#stamp === missing) return { ok: true, value: absent };
    try {
      return read(readFileSync(path, "utf8"));
    } catch (thrown) {
      return { ok: false, problem: { code, detail: messageOf(thrown) } };
    }
  }
}

const missing = "missing";

/** What changes whenever the file is replaced or written. */
function stampOf(path: string): string {
  const stat = path === "" ? undefined : statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? missing : `${stat.mtimeMs} ${stat.ino} ${stat.size}`;
}
