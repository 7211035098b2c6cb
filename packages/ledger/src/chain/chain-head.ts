import type { Certificate } from "./certificate.ts";
import type { BlockHeader } from "./header.ts";

/** The last final block. */
export interface ChainHead {
  readonly header: BlockHeader;
  readonly hash: Uint8Array;
  /** undefined for the genesis block only, which needs none. */
  readonly certificate: Certificate | undefined;
}
