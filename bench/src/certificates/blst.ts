import { createRequire } from "node:module";

/** What is used of @chainsafe/blst. Bytes that are no point or scalar make it throw. */
interface Blst {
  readonly SecretKey: {
    /** 32 bytes, big-endian, above 0 and below the group's order. */
    fromBytes(bytes: Uint8Array): SecretKey;
    /** Of at least 32 secret bytes. */
    fromKeygen(secret: Uint8Array): SecretKey;
  };
  readonly PublicKey: {
    /** With `validate` also that the point is of the right group and not infinity. */
    fromBytes(bytes: Uint8Array, validate?: boolean): PublicKey;
  };
  readonly Signature: { fromBytes(bytes: Uint8Array, validate?: boolean): Signature };
  aggregatePublicKeys(keys: readonly PublicKey[]): PublicKey;
  aggregateSignatures(signatures: readonly Signature[]): Signature;
  aggregateSerializedSignatures(signatures: readonly Uint8Array[]): Signature;
  verify(message: Uint8Array, key: PublicKey, signature: Signature): boolean;
  aggregateVerify(
    messages: readonly Uint8Array[],
    keys: readonly PublicKey[],
    signature: Signature,
  ): boolean;
  fastAggregateVerify(
    message: Uint8Array,
    keys: readonly PublicKey[],
    signature: Signature,
  ): boolean;
}

export interface SecretKey {
  toPublicKey(): PublicKey;
  sign(message: Uint8Array): Signature;
}

/** A point of G1. */
export interface PublicKey {
  /** 48 bytes, compressed. */
  toBytes(): Uint8Array;
}

/** A point of G2. */
export interface Signature {
  /** 96 bytes, compressed. */
  toBytes(): Uint8Array;
}

const load = createRequire(import.meta.url);

/**
 * BLS12-381 signatures, public keys in G1. A library with native parts for the common platforms only: this
 * file throws on others, so that it is loaded by who measures it and by nobody else.
 */
export const blst: Blst = load("@chainsafe/blst");
