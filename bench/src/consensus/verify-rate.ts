import type { Clock } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { voteSigner } from "./bench-validator.ts";

const slice_ms = 200;

/** Ed25519 verifications per second of 128 bytes, one thread: what bounds every engine here. */
export function verifyRate(clock: Clock): number {
  const signer = voteSigner(0);
  const message = new Uint8Array(128).fill(3);
  const signature = signer.sign(message);
  const { publicKey } = signer;
  const start_ms = clock.monotonic_ms();
  let count = 0;
  let spent_ms = 0;
  while (spent_ms < slice_ms) {
    nodeCrypto.verify({ publicKey, message, signature });
    count++;
    spent_ms = clock.monotonic_ms() - start_ms;
  }
  return (1000 * count) / spent_ms;
}
