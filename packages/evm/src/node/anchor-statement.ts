import type { BlockHeader } from "@voltfog/ledger";
import { headerHash } from "@voltfog/ledger";
import { type Crypto, toHex } from "@voltfog/runtime";
import { getAddress, recoverAddress, Signature, type SigningKey, TypedDataEncoder } from "ethers";

/** What a block says of the chain, as CheckpointAnchor takes it. Hex with 0x. */
export interface AnchorContent {
  readonly height: number;
  readonly blockHash: string;
  readonly resultsSize: number;
  readonly resultsRoot: string;
}

/** The next validator set, which signs anchors above the height. Addresses ascending. */
export interface SetContent {
  readonly version: number;
  readonly height: number;
  readonly validators: readonly string[];
}

/** Where a statement counts: one contract on one Ethereum chain, for one consortium. */
export interface AnchorPlace {
  readonly evmChainId: bigint;
  readonly contract: string;
  /** The consortium's chain id, hex with 0x. */
  readonly chain: string;
}

export type AnchorStatement =
  | { readonly kind: "anchor"; readonly setVersion: number; readonly content: AnchorContent }
  | { readonly kind: "validators"; readonly content: SetContent };

const anchorFields = [
  { name: "chain", type: "bytes32" },
  { name: "setVersion", type: "uint64" },
  { name: "height", type: "uint64" },
  { name: "blockHash", type: "bytes32" },
  { name: "resultsSize", type: "uint64" },
  { name: "resultsRoot", type: "bytes32" },
];
const setFields = [
  { name: "chain", type: "bytes32" },
  { name: "version", type: "uint64" },
  { name: "height", type: "uint64" },
  { name: "validators", type: "address[]" },
];

export function anchorOf(header: BlockHeader, crypto: Crypto): AnchorContent {
  return {
    height: header.height,
    blockHash: `0x${toHex(headerHash(header, crypto))}`,
    resultsSize: header.resultsSize,
    resultsRoot: `0x${toHex(header.resultsRoot)}`,
  };
}

/** The EIP-712 digest that a validator's anchor key signs, hex with 0x. */
export function statementDigest(place: AnchorPlace, statement: AnchorStatement): string {
  const domain = {
    name: "Voltfog CheckpointAnchor",
    version: "1",
    chainId: place.evmChainId,
    verifyingContract: place.contract,
  };
  const { chain } = place;
  if (statement.kind === "anchor") {
    const { setVersion, content } = statement;
    return TypedDataEncoder.hash(
      domain,
      { Anchor: anchorFields },
      { chain, setVersion, ...content },
    );
  }
  return TypedDataEncoder.hash(
    domain,
    // ethers sorts nothing and copies neither: both are given as they are.
    { ValidatorSet: setFields },
    { chain, ...statement.content },
  );
}

/** r ‖ s ‖ v, 65 bytes, hex with 0x. */
export function signStatement(o: {
  place: AnchorPlace;
  statement: AnchorStatement;
  key: SigningKey;
}): string {
  return o.key.sign(statementDigest(o.place, o.statement)).serialized;
}

/** Who signed, with checksum; undefined for what is no signature, or not in its one form. */
export function statementSigner(o: {
  place: AnchorPlace;
  statement: AnchorStatement;
  signature: string;
}): string | undefined {
  if (!/^0x[0-9a-f]{130}$/.test(o.signature)) return undefined;
  try {
    const signature = Signature.from(o.signature);
    // The contract takes v 27 and 28 and the lower s only.
    if (signature.serialized !== o.signature) return undefined;
    return recoverAddress(statementDigest(o.place, o.statement), signature);
  } catch {
    return undefined;
  }
}

/** Q of n, as the contract and the chain count it. */
export function anchorQuorum(validators: number): number {
  return Math.ceil((validators + Math.floor((validators - 1) / 3) + 1) / 2);
}

/** Signatures as the contract takes them: who signed by bits, and the signatures in the set's order. */
export function packSignatures(o: {
  validators: readonly string[];
  signatures: ReadonlyMap<string, string>;
}): { readonly signers: bigint; readonly signatures: string } {
  let signers = 0n;
  let packed = "0x";
  for (const [i, validator] of o.validators.entries()) {
    const signature = o.signatures.get(validator);
    if (signature === undefined) continue;
    signers |= 1n << BigInt(i);
    packed += signature.slice(2);
  }
  return { signers, signatures: packed };
}

/** A set as the contract keeps it: with checksums, ascending. */
export function sortedSet(addresses: readonly string[]): string[] {
  return addresses
    .map((address) => getAddress(address))
    .sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
}
