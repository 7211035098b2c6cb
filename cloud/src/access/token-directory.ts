import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock, Logger } from "@voltfog/runtime";
import { FollowedFile } from "./followed-file.ts";
import { parseTokenFile, type TokenRow } from "./token-file.ts";

/**
 * The tokens of a file, followed while the process runs. No file, or an empty path, is no token. A file
 * that becomes damaged changes nothing and is said once; at the start it is TOKENS_INVALID.
 */
export class TokenDirectory {
  readonly #file: FollowedFile<readonly TokenRow[]>;

  constructor(path: string, ports: { clock: Clock; logger: Logger }) {
    this.#file = new FollowedFile({
      ...{ path, absent: [], read: parseTokenFile, name: "tokens", code: "TOKENS_INVALID" },
      remedy: "restore the file, or remove it and create the tokens again",
      ...ports,
    });
  }

  start(): void {
    this.#file.start();
  }

  stop(): void {
    this.#file.stop();
  }

  /** The row of a token's text, expired, revoked or not; compared in constant time with each hash. */
  rowOf(token: string): TokenRow | undefined {
    return this.rowOfHash(hashOfToken(token));
  }

  /** The same by what recognises it, 64 digits of hex. */
  rowOfHash(hex: string): TokenRow | undefined {
    const hash = Buffer.from(hex, "hex");
    let found: TokenRow | undefined;
    for (const row of this.#file.value) {
      if (timingSafeEqual(hash, Buffer.from(row.hash, "hex"))) found = row;
    }
    return found;
  }
}

/** What recognises a token: its SHA-256, 64 digits of hex. */
export function hashOfToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
