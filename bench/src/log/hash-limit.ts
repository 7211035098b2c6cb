import { hash } from "node:crypto";
import type { Clock } from "@voltfog/runtime";

/** How the digest comes back; it decides more about the speed than the hashing does. */
export type DigestForm = "hex" | "buffer" | "binary";

const slice_ms = 250;
const callsBetweenLooks = 2000;

/** Calls per second of crypto.hash("sha256") on 64 bytes that change with every call, one thread. */
export function hashRate(clock: Clock, form: DigestForm): number {
  const message = new Uint8Array(64);
  const start_ms = clock.monotonic_ms();
  let calls = 0;
  let spent_ms = 0;
  while (spent_ms < slice_ms) {
    for (let i = 0; i < callsBetweenLooks; i++) {
      message[i & 63] = calls + i;
      hash("sha256", message, form);
    }
    calls += callsBetweenLooks;
    spent_ms = clock.monotonic_ms() - start_ms;
  }
  return (1000 * calls) / spent_ms;
}
