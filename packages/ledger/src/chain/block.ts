import {
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
  refused,
} from "@voltfog/runtime";
import {
  type Certificate,
  certificateMax_bytes,
  decodeCertificate,
  encodeCertificate,
} from "./certificate.ts";
import { type BlockHeader, encodeHeader, header_bytes, readHeader } from "./header.ts";
import { transactionMax_bytes } from "./transaction.ts";

export interface Block {
  readonly header: BlockHeader;
  /** Why the parent is final; undefined at height 1, whose parent is the genesis block. */
  readonly parentCertificate: Certificate | undefined;
  readonly transactions: readonly Uint8Array[];
}

export const blockMax_bytes = 4_194_304;
export const transactionsMax = 4096;

export function encodeBlock(block: Block): Uint8Array {
  const writer = new ByteWriter()
    .block(encodeHeader(block.header))
    .block(parentCertificateBytes(block.parentCertificate))
    .u32(block.transactions.length);
  for (const transaction of block.transactions) writer.block(transaction);
  return writer.finish();
}

/** The bytes whose SHA-256 is the header's parentCertificateHash: empty where there is no certificate. */
export function parentCertificateBytes(certificate: Certificate | undefined): Uint8Array {
  return certificate === undefined ? new Uint8Array() : encodeCertificate(certificate);
}

/** Reads a block's form; whether it may follow the chain is {@link Chain.check}'s to say. */
export function decodeBlock(bytes: Uint8Array): Outcome<Block, MalformedProblem> {
  if (bytes.length > blockMax_bytes) {
    const detail = `block of ${bytes.length} bytes, at most ${blockMax_bytes}`;
    return refused({ code: "MALFORMED", detail });
  }
  return decodeBytes(bytes, (reader) => {
    const length = reader.u32();
    if (length !== header_bytes) reader.fail(`header of ${length} bytes, not ${header_bytes}`);
    const header = readHeader(reader);
    const certificate = reader.block(certificateMax_bytes);
    let parentCertificate: Certificate | undefined;
    if (certificate.length > 0) {
      const decoded = decodeCertificate(certificate);
      if (!decoded.ok) return reader.fail(`parent certificate: ${decoded.problem.detail}`);
      parentCertificate = decoded.value;
    }
    const transactions = reader.list({
      limit: transactionsMax,
      read: (inner) => inner.block(transactionMax_bytes),
    });
    return { header, parentCertificate, transactions };
  });
}
