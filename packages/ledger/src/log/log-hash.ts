import type { Crypto } from "@voltfog/runtime";
import { sm3 } from "./sm3.ts";

/**
 * What a log's tree is hashed with. Frames, journals, signatures and the chain keep SHA-256 and Ed25519:
 * a consortium that is bound to SM3 has it where entries are bound to checkpoints.
 */
export type LogHash = "sha256" | "sm3";

/** The same crypto with the log's hash where trees take SHA-256; for nothing but trees. */
export function treeCrypto(hash: LogHash, crypto: Crypto): Crypto {
  if (hash === "sha256") return crypto;
  return { sha256: (...parts) => sm3(...parts), verify: (signed) => crypto.verify(signed) };
}

/** The hash of a log by its origin, of whatever chain. */
export function logHashOf(origin: string): LogHash {
  return /^voltfog\/[^/]+\/log-sm3\//.test(origin) ? "sm3" : "sha256";
}
