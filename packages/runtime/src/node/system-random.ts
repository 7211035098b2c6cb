import { randomBytes } from "node:crypto";
import type { Random } from "../random.ts";

/** The operating system's cryptographic source. */
export const systemRandom: Random = {
  uniform: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  bytes: (length_bytes) => new Uint8Array(randomBytes(length_bytes)),
};
