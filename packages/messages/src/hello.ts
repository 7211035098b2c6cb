import { ByteWriter, decodeBytes, type MalformedProblem, type Outcome } from "@voltfog/runtime";
import { requireEncodable } from "./encodable.ts";
import { streams } from "./frame.ts";
import { receiptMax_bytes } from "./receipt.ts";

/**
 * What a vehicle shows to a unit when it attaches, before its first frame: the last receipt of each
 * stream, from whichever unit gave it, byte for byte.
 */
export interface Hello {
  /** One per stream at most; one that speaks of both streams is shown once. */
  readonly receipts: readonly Uint8Array[];
}

const helloVersion = 1;
const receiptsMax = streams.length;

/** No hello is longer. */
export const helloMax_bytes: number = 1 + 4 + receiptsMax * (4 + receiptMax_bytes);

/** NOT_ENCODABLE where there are more receipts than streams, or one is too long to be one. */
export function encodeHello(hello: Hello): Uint8Array {
  requireEncodable(hello.receipts.length <= receiptsMax, `${hello.receipts.length} receipts`);
  const writer = new ByteWriter().u8(helloVersion).u32(hello.receipts.length);
  for (const receipt of hello.receipts) {
    requireEncodable(receipt.length <= receiptMax_bytes, `receipt has ${receipt.length} bytes`);
    writer.block(receipt);
  }
  return writer.finish();
}

/** Total and strict. The receipts inside are bytes still: each gets a verdict of its own. */
export function decodeHello(bytes: Uint8Array): Outcome<Hello, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== helloVersion) reader.fail("unknown version of a hello");
    const read = (inner: typeof reader): Uint8Array => inner.block(receiptMax_bytes);
    return { receipts: reader.list({ limit: receiptsMax, read }) };
  });
}
