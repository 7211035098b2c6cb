import {
  type KeySuccession,
  readSuccession,
  succession_bytes,
  verifySuccession,
  writeSuccession,
} from "@voltfog/ledger";
import {
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  identifierPattern,
  type MalformedProblem,
  type Outcome,
  type Signer,
  utf8,
} from "@voltfog/runtime";

/** First frame of both sides: who they say they are, and what the other shall sign. */
export interface Hello {
  readonly chainId: Uint8Array;
  /** The validator's id, that of its certificate. */
  readonly id: string;
  /** The vote key that it holds. */
  readonly voteKey: Uint8Array;
  readonly challenge: Uint8Array;
}

const signature_bytes = 64;

/** A stranger may not make us read more than this. */
export const handshakeMax_bytes: number = signature_bytes + succession_bytes;

const version = 2;
const domain = utf8("voltfog/peer/2\n");

export function encodeHello(hello: Hello): Uint8Array {
  const writer = new ByteWriter().u8(version).raw(hello.chainId).text(hello.id);
  return writer.raw(hello.voteKey).raw(hello.challenge).finish();
}

export function decodeHello(bytes: Uint8Array): Outcome<Hello, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) return reader.fail("unknown version");
    const chainId = reader.raw(32);
    const id = reader.text();
    if (!identifierPattern.test(id)) return reader.fail("no identifier");
    return { chainId, id, voteKey: reader.raw(32), challenge: reader.raw(32) };
  });
}

export type Role = "dialler" | "listener";

/**
 * How one side proves itself: its signature and, where its vote key took the place of another, that
 * succession. So validators know each other before both have the block that says it.
 */
export interface PeerProof {
  readonly signature: Uint8Array;
  readonly succession: KeySuccession | undefined;
}

export function encodePeerProof({ signature, succession }: PeerProof): Uint8Array {
  const writer = new ByteWriter().raw(signature);
  if (succession !== undefined) writeSuccession(writer, succession);
  return writer.finish();
}

export function decodePeerProof(bytes: Uint8Array): Outcome<PeerProof, MalformedProblem> {
  return decodeBytes(bytes, (reader) => ({
    signature: reader.raw(signature_bytes),
    succession: bytes.length === signature_bytes ? undefined : readSuccession(reader),
  }));
}

/** The key that the other side must hold: the one known here, or its successor by its own word. */
export function keyToProve(options: {
  chainId: Uint8Array;
  /** The vote key of the other side's seat, as this side's chain has it. */
  known: Uint8Array;
  succession: KeySuccession | undefined;
  crypto: Crypto;
}): Uint8Array {
  const { known, succession } = options;
  if (succession === undefined) return known;
  const isNext = equalBytes(succession.oldKey, known);
  if (!isNext || !verifySuccession({ ...options, succession })) return known;
  return succession.newKey;
}

interface Proof {
  /** The side that proves itself. */
  readonly role: Role;
  readonly own: Hello;
  readonly other: Hello;
}

/** Second frame of both sides: a signature over both hellos, so that it serves this connection only. */
export function signHello(proof: Proof & { signer: Signer }): Uint8Array {
  return proof.signer.sign(proofBytes(proof));
}

/** Whether the other side, in its role, holds the key of the validator it says it is. */
export function verifyHello(
  proof: Proof & { signature: Uint8Array; publicKey: Uint8Array; crypto: Crypto },
): boolean {
  const { crypto, publicKey, signature } = proof;
  if (!equalBytes(proof.own.chainId, proof.other.chainId)) return false;
  return crypto.verify({ publicKey, message: proofBytes(proof), signature });
}

function proofBytes(proof: Proof): Uint8Array {
  return new ByteWriter()
    .raw(domain)
    .u8(proof.role === "dialler" ? 1 : 2)
    .raw(encodeHello(proof.own))
    .raw(encodeHello(proof.other))
    .finish();
}
