import {
  ByteWriter,
  type Crypto,
  concatBytes,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
  type Signer,
  utf8,
} from "@voltfog/runtime";

/** A signed wish of a registered key; what it did is its result. */
export interface Transaction {
  readonly chainId: Uint8Array;
  readonly module: number;
  readonly action: number;
  readonly sender: Uint8Array;
  /** Above the sender's last one; gaps are allowed. */
  readonly nonce: number;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

export const payloadMax_bytes = 65_536;
export const transactionMax_bytes: number = 143 + payloadMax_bytes;

const signature_bytes = 64;
const domain = utf8("voltfog/tx/1\n");

/** The bytes of a transaction, signed by the sender's key. */
export function signTransaction(options: {
  chainId: Uint8Array;
  module: number;
  action: number;
  nonce: number;
  payload: Uint8Array;
  signer: Signer;
}): Uint8Array {
  const content = new ByteWriter()
    .u8(1)
    .raw(options.chainId)
    .u8(options.module)
    .u8(options.action)
    .raw(options.signer.publicKey)
    .u64(options.nonce)
    .block(options.payload)
    .finish();
  return concatBytes(content, options.signer.sign(concatBytes(domain, content)));
}

export function decodeTransaction(bytes: Uint8Array): Outcome<Transaction, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const version = reader.u8();
    if (version !== 1) reader.fail(`transaction version ${version}, this reads 1`);
    return {
      chainId: reader.raw(32),
      module: reader.u8(),
      action: reader.u8(),
      sender: reader.raw(32),
      nonce: reader.u64(),
      payload: reader.block(payloadMax_bytes),
      signature: reader.raw(signature_bytes),
    };
  });
}

/** SHA-256 of the transaction's bytes, signature included. */
export function transactionHash(bytes: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.sha256(bytes);
}

/** Whether the sender signed these bytes, which decoded to this transaction. */
export function verifyTransaction(options: {
  bytes: Uint8Array;
  transaction: Transaction;
  crypto: Crypto;
}): boolean {
  const signed = options.bytes.subarray(0, options.bytes.length - signature_bytes);
  return options.crypto.verify({
    publicKey: options.transaction.sender,
    message: concatBytes(domain, signed),
    signature: options.transaction.signature,
  });
}
