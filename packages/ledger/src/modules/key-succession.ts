import {
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
  type Signer,
  utf8,
} from "@voltfog/runtime";
import { successionName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";

/** A validator's own word, signed by both keys, that one vote key takes the place of another for good. */
export interface KeySuccession {
  readonly oldKey: Uint8Array;
  readonly newKey: Uint8Array;
  readonly oldSignature: Uint8Array;
  readonly newSignature: Uint8Array;
}

/** Successions of one chain, and with them its epochs: bundles and evidence carry all up to theirs. */
export const successionsMax = 255;
export const succession_bytes = 192;

const domain = utf8("voltfog/succession/1\n");

type SuccessionKeys = Pick<KeySuccession, "oldKey" | "newKey">;

/** The message that both keys sign; the chain's id keeps it from another chain. */
function successionMessage({ oldKey, newKey }: SuccessionKeys, chainId: Uint8Array): Uint8Array {
  return new ByteWriter().raw(domain).raw(chainId).raw(oldKey).raw(newKey).finish();
}

/** Signing this is no vote: its domain differs from that of every vote. */
export function signSuccession(options: {
  chainId: Uint8Array;
  from: Signer;
  to: Signer;
}): KeySuccession {
  const { from, to } = options;
  const keys = { oldKey: from.publicKey, newKey: to.publicKey };
  const message = successionMessage(keys, options.chainId);
  return { ...keys, oldSignature: from.sign(message), newSignature: to.sign(message) };
}

/** Whether both keys signed it for this chain. Costs two verifications. */
export function verifySuccession(options: {
  succession: KeySuccession;
  chainId: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { succession, crypto } = options;
  const { oldKey, newKey, oldSignature, newSignature } = succession;
  const message = successionMessage(succession, options.chainId);
  return (
    crypto.verify({ publicKey: oldKey, message, signature: oldSignature }) &&
    crypto.verify({ publicKey: newKey, message, signature: newSignature })
  );
}

/** raw32 old key · raw32 new key · raw64 signature of the old key · raw64 of the new key. */
export function writeSuccession(writer: ByteWriter, succession: KeySuccession): void {
  const { oldKey, newKey, oldSignature, newSignature } = succession;
  writer.raw(oldKey).raw(newKey).raw(oldSignature).raw(newSignature);
}

/** Reads the form only; {@link verifySuccession} says who signed. */
export function readSuccession(reader: ByteReader): KeySuccession {
  const succession = {
    oldKey: reader.raw(32),
    newKey: reader.raw(32),
    oldSignature: reader.raw(64),
    newSignature: reader.raw(64),
  };
  if (equalBytes(succession.oldKey, succession.newKey)) reader.fail("a key in its own place");
  return succession;
}

/** u8 version · the succession: the payload of validators/succeed. */
export function encodeSuccession(succession: KeySuccession): Uint8Array {
  const writer = new ByteWriter().u8(1);
  writeSuccession(writer, succession);
  return writer.finish();
}

export function decodeSuccession(bytes: Uint8Array): Outcome<KeySuccession, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const version = reader.u8();
    if (version !== 1) reader.fail(`key succession version ${version}, this reads 1`);
    return readSuccession(reader);
  });
}

/**
 * As many successions as the header's epoch, one after the other: what leads from the genesis file's
 * vote keys to those that decided the header.
 */
export function readSuccessions(reader: ByteReader, epoch: number): readonly KeySuccession[] {
  if (epoch === 0 || epoch > successionsMax) reader.fail(`${epoch} successions of vote keys`);
  return Array.from({ length: epoch }, () => readSuccession(reader));
}

/** All successions that the chain's own state holds, oldest first; `known` are its first ones. */
export function successionsIn(
  state: StateTree,
  known: readonly KeySuccession[] = [],
): readonly KeySuccession[] {
  const found: KeySuccession[] = [];
  for (;;) {
    const value = state.get(successionName(known.length + found.length + 1));
    if (value === undefined) return found.length === 0 ? known : [...known, ...found];
    const decoded = decodeSuccession(value);
    if (!decoded.ok) return [...known, ...found];
    found.push(decoded.value);
  }
}
