/** SHA-256 and Ed25519 verification, synchronous, with one implementation for Node and one for the browser. */
export interface Crypto {
  /** SHA-256 of the concatenated parts, 32 bytes. */
  sha256(...parts: Uint8Array[]): Uint8Array;
  /** RFC 8032 verification; false for a malformed key or signature, never a throw. */
  verify(signed: { publicKey: Uint8Array; message: Uint8Array; signature: Uint8Array }): boolean;
}

/** The same verification beside the calling thread; never rejects. */
export interface SignatureVerifier {
  verify(signed: {
    publicKey: Uint8Array;
    message: Uint8Array;
    signature: Uint8Array;
  }): Promise<boolean>;
}

/** The holder of one Ed25519 private key. */
export interface Signer {
  readonly publicKey: Uint8Array;
  /** A 64-byte Ed25519 signature. */
  sign(message: Uint8Array): Uint8Array;
}
