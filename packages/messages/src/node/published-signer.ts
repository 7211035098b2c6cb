import type { Signer } from "@voltfog/runtime";
import { loadSigningKey } from "@voltfog/runtime/node";

/** A key that is published with the source, for vectors that are the same for ever. Never enrol it. */
export const publishedSigner: Signer = loadSigningKey(
  new URL("../../fixtures/published-test.key", import.meta.url).pathname,
);
