import type { Validator } from "../genesis/genesis.ts";

/** One place among those who decide a block; its place in the list is its bit in certificates. */
export interface Seat extends Validator {
  /** Its share of the turns to propose; votes weigh one each. 0 while it is quarantined. */
  readonly weight: number;
  /** Who goes first among equals: the lower one. */
  readonly rank: number;
  /** Shown to have contradicted itself: it proposes nothing until the consortium releases or removes it. */
  readonly quarantined: boolean;
  /** host:port of its peers' connections; undefined until it registered one. */
  readonly endpoint?: string;
  /** Ed25519, for C2SP cosignatures; undefined until it registered one. */
  readonly cosignerKey?: Uint8Array;
  /** Ethereum address of its secp256k1 key, 20 bytes; undefined until it registered one. */
  readonly anchorAddress?: Uint8Array;
}
