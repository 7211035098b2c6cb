import type { Crypto } from "@voltfog/runtime";
import type { Genesis } from "../genesis/genesis.ts";
import type { ProofBundle } from "./bundle.ts";

/** What the steps of a verification share. */
export interface Verification {
  readonly bundle: ProofBundle;
  readonly genesis: Genesis;
  readonly crypto: Crypto;
}
