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
import type { LogStream } from "../log/entry.ts";

/** A vehicle's own word, signed by both keys, that one key takes the place of another. */
export interface KeyRotation {
  readonly oldKey: Uint8Array;
  readonly newKey: Uint8Array;
  /** Sequence of the last frame of each stream that the old key signed; 0 for none. */
  readonly last: Readonly<Record<LogStream, number>>;
  readonly oldSignature: Uint8Array;
  readonly newSignature: Uint8Array;
}

type RotationTerms = Pick<KeyRotation, "oldKey" | "newKey" | "last">;

const domain = utf8("voltfog/rotation/1\n");

/** The message that both keys sign; the chain's id keeps it from another chain. */
function rotationMessage(terms: RotationTerms, chainId: Uint8Array): Uint8Array {
  const writer = new ByteWriter().raw(domain).raw(chainId);
  writeTerms(writer, terms);
  return writer.finish();
}

export function signRotation(options: {
  chainId: Uint8Array;
  from: Signer;
  to: Signer;
  last: KeyRotation["last"];
}): KeyRotation {
  const { from, to, last } = options;
  const terms = { oldKey: from.publicKey, newKey: to.publicKey, last };
  const message = rotationMessage(terms, options.chainId);
  return { ...terms, oldSignature: from.sign(message), newSignature: to.sign(message) };
}

/** Whether both keys signed it for this chain. Costs two verifications. */
export function verifyRotation(options: {
  rotation: KeyRotation;
  chainId: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { rotation, chainId, crypto } = options;
  const { oldKey, newKey, oldSignature, newSignature } = rotation;
  const message = rotationMessage(rotation, chainId);
  return (
    crypto.verify({ publicKey: oldKey, message, signature: oldSignature }) &&
    crypto.verify({ publicKey: newKey, message, signature: newSignature })
  );
}

/** u8 version · raw32 old key · raw32 new key · u64 last telemetry · u64 last urgent · two raw64. */
export function encodeRotation(rotation: KeyRotation): Uint8Array {
  const writer = new ByteWriter().u8(1);
  writeTerms(writer, rotation);
  return writer.raw(rotation.oldSignature).raw(rotation.newSignature).finish();
}

/** Reads the form only; {@link verifyRotation} says who signed. */
export function decodeRotation(bytes: Uint8Array): Outcome<KeyRotation, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const version = reader.u8();
    if (version !== 1) reader.fail(`key rotation version ${version}, this reads 1`);
    const rotation = {
      oldKey: reader.raw(32),
      newKey: reader.raw(32),
      last: { telemetry: reader.u64(), urgent: reader.u64() },
      oldSignature: reader.raw(64),
      newSignature: reader.raw(64),
    };
    if (equalBytes(rotation.oldKey, rotation.newKey)) reader.fail("a key in its own place");
    return rotation;
  });
}

function writeTerms(writer: ByteWriter, { oldKey, newKey, last }: RotationTerms): void {
  writer.raw(oldKey).raw(newKey).u64(last.telemetry).u64(last.urgent);
}
