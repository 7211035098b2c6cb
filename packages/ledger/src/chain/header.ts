import {
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
  utf8,
} from "@voltfog/runtime";

/** What a certificate signs: everything about a block and about the chain after executing it. */
export interface BlockHeader {
  readonly chainId: Uint8Array;
  readonly height: number;
  /** One validator set; the first is {@link firstEpoch}. */
  readonly epoch: number;
  /** Hash of the parent's header; zeros at height 0. */
  readonly parent: Uint8Array;
  /** SHA-256 of the parent's certificate as this block carries it; zeros at height 0. */
  readonly parentCertificateHash: Uint8Array;
  readonly time_ms: number;
  /** Vote key of the validator who made the block; zeros at height 0. */
  readonly proposer: Uint8Array;
  /** RFC 6962 root over the transactions' hashes. */
  readonly txRoot: Uint8Array;
  /** Size and RFC 6962 root of the log of all results, this block's included. */
  readonly resultsSize: number;
  readonly resultsRoot: Uint8Array;
  /** Root of the sparse Merkle state after this block. */
  readonly stateRoot: Uint8Array;
  /** {@link validatorsHash} of the set that decides the next height. */
  readonly nextValidatorsHash: Uint8Array;
}

export const firstEpoch = 0;
export const header_bytes = 289;

const domain = utf8("voltfog/header/1\n");

export function encodeHeader(header: BlockHeader): Uint8Array {
  return new ByteWriter()
    .u8(1)
    .raw(header.chainId)
    .u64(header.height)
    .u64(header.epoch)
    .raw(header.parent)
    .raw(header.parentCertificateHash)
    .u64(header.time_ms)
    .raw(header.proposer)
    .raw(header.txRoot)
    .u64(header.resultsSize)
    .raw(header.resultsRoot)
    .raw(header.stateRoot)
    .raw(header.nextValidatorsHash)
    .finish();
}

export function decodeHeader(bytes: Uint8Array): Outcome<BlockHeader, MalformedProblem> {
  return decodeBytes(bytes, readHeader);
}

export function readHeader(reader: ByteReader): BlockHeader {
  const version = reader.u8();
  if (version !== 1) reader.fail(`header version ${version}, this reads 1`);
  return {
    chainId: reader.raw(32),
    height: reader.u64(),
    epoch: reader.u64(),
    parent: reader.raw(32),
    parentCertificateHash: reader.raw(32),
    time_ms: reader.u64(),
    proposer: reader.raw(32),
    txRoot: reader.raw(32),
    resultsSize: reader.u64(),
    resultsRoot: reader.raw(32),
    stateRoot: reader.raw(32),
    nextValidatorsHash: reader.raw(32),
  };
}

/** The block's name: SHA-256("voltfog/header/1\n" ‖ header bytes). */
export function headerHash(header: BlockHeader, crypto: Crypto): Uint8Array {
  return crypto.sha256(domain, encodeHeader(header));
}
