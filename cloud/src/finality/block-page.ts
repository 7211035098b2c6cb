import { blockMax_bytes, certificateMax_bytes } from "@voltfog/ledger";
import { decodeBytes, type MalformedProblem, type Outcome } from "@voltfog/runtime";

/** A final block with its certificate, as a validator serves it. */
export interface ServedBlock {
  readonly block: Uint8Array;
  readonly certificate: Uint8Array;
}

const pageVersion = 1;
const blocksMax = 1024;

export function decodeBlockPage(
  bytes: Uint8Array,
): Outcome<readonly ServedBlock[], MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== pageVersion) reader.fail("unknown version of a page of blocks");
    return reader.list({
      limit: blocksMax,
      read: (inner) => ({
        block: inner.block(blockMax_bytes),
        certificate: inner.block(certificateMax_bytes),
      }),
    });
  });
}
