import {
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
  type Signer,
  utf8,
} from "@voltfog/runtime";

/** First frame of both sides: who they say they are, and what the other shall sign. */
export interface Hello {
  readonly chainId: Uint8Array;
  readonly voter: number;
  readonly challenge: Uint8Array;
}

/** A stranger may not make us read more than this. */
export const handshakeMax_bytes = 128;

const version = 1;
const domain = utf8("voltfog/peer/1\n");

export function encodeHello(hello: Hello): Uint8Array {
  const writer = new ByteWriter().u8(version).raw(hello.chainId);
  return writer.u16(hello.voter).raw(hello.challenge).finish();
}

export function decodeHello(bytes: Uint8Array): Outcome<Hello, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) return reader.fail("unknown version");
    return { chainId: reader.raw(32), voter: reader.u16(), challenge: reader.raw(32) };
  });
}

export type Role = "dialler" | "listener";

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
