import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { type Clock, CodedError, type Logger, messageOf } from "@voltfog/runtime";
import { parseTokenFile, type TokenRow } from "./token-file.ts";

/** Often enough that a revoked token is refused within a second. */
const look_ms = 500;

/**
 * The tokens of a file, followed while the process runs. No file, or an empty path, is no token. A file
 * that becomes damaged changes nothing and is said once; at the start it is TOKENS_INVALID.
 */
export class TokenDirectory {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #rows: readonly TokenRow[] = [];
  #stamp: string;
  #cancel = (): void => {};

  constructor(path: string, ports: { clock: Clock; logger: Logger }) {
    this.#path = path;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#stamp = stampOf(path);
    const read = this.#read();
    if (typeof read === "string") {
      throw new CodedError({
        code: "TOKENS_INVALID",
        message: `${path}: ${read}`,
        remedy: "restore the file, or remove it and create the tokens again",
      });
    }
    this.#rows = read;
  }

  start(): void {
    if (this.#path === "") return;
    this.#cancel = this.#clock.after(look_ms, () => {
      this.#look();
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** The row of a token's text, expired or not; compared in constant time with each hash. */
  rowOf(token: string): TokenRow | undefined {
    const hash = createHash("sha256").update(token).digest();
    let found: TokenRow | undefined;
    for (const row of this.#rows) {
      if (timingSafeEqual(hash, Buffer.from(row.hash, "hex"))) found = row;
    }
    return found;
  }

  #look(): void {
    const stamp = stampOf(this.#path);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    const read = this.#read();
    if (typeof read === "string") {
      this.#logger.error("tokens not taken: what held before holds", { detail: read });
      return;
    }
    this.#rows = read;
    this.#logger.info("tokens read again", { tokens: read.length });
  }

  #read(): readonly TokenRow[] | string {
    if (this.#stamp === absent) return [];
    try {
      const parsed = parseTokenFile(readFileSync(this.#path, "utf8"));
      return parsed.ok ? parsed.value : parsed.problem.detail;
    } catch (thrown) {
      return messageOf(thrown);
    }
  }
}

const absent = "absent";

/** What changes whenever the file is replaced or written. */
function stampOf(path: string): string {
  const stat = path === "" ? undefined : statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? absent : `${stat.mtimeMs} ${stat.ino} ${stat.size}`;
}
