import {
  type ByteReader,
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
  utf8,
} from "@voltfog/runtime";

/** Bytes that a vote key signed, as docs/specs/consensus.md has them, and the signature. */
export interface SignedVote {
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Two votes of one key that contradict each other. */
export interface Equivocation {
  readonly voteKey: Uint8Array;
  readonly first: SignedVote;
  readonly second: SignedVote;
}

const signature_bytes = 64;
const messageMax_bytes = 256;
/** Phases in which a validator says one thing per round; a ROUND-CHANGE's claim may grow with what it holds. */
const domains = ["voltfog/proposal/1\n", "voltfog/prepare/1\n", "voltfog/commit/1\n"].map(utf8);

/** u8 version · raw32 vote key · two blocks of signed bytes · raw64 signature. */
export function encodeEquivocation({ voteKey, first, second }: Equivocation): Uint8Array {
  const writer = new ByteWriter().u8(1).raw(voteKey);
  for (const { signed, signature } of [first, second]) {
    writer.block(new ByteWriter().raw(signed).raw(signature).finish());
  }
  return writer.finish();
}

export function decodeEquivocation(bytes: Uint8Array): Outcome<Equivocation, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const version = reader.u8();
    if (version !== 1) reader.fail(`equivocation version ${version}, this reads 1`);
    return { voteKey: reader.raw(32), first: readVote(reader), second: readVote(reader) };
  });
}

function readVote(reader: ByteReader): SignedVote {
  const bytes = reader.block(messageMax_bytes);
  if (bytes.length < signature_bytes) reader.fail("a vote without a signature");
  const end = bytes.length - signature_bytes;
  return { signed: bytes.slice(0, end), signature: bytes.slice(end) };
}

interface VotePlace {
  /** Domain, chain, epoch, height and round: what a key says one thing about. */
  readonly slot: Uint8Array;
  readonly height: number;
  readonly digest: Uint8Array;
}

/**
 * The height at which the key contradicted itself on this chain: same phase, epoch, height and round,
 * another block. undefined where the votes say no such thing, or the key signed not both. Costs two
 * verifications.
 */
export function contradictedHeight(options: {
  equivocation: Equivocation;
  chainId: Uint8Array;
  crypto: Crypto;
}): number | undefined {
  const { equivocation, chainId, crypto } = options;
  const { voteKey: publicKey, first, second } = equivocation;
  const one = placeOf(first.signed, chainId);
  const other = placeOf(second.signed, chainId);
  if (one === undefined || other === undefined) return undefined;
  if (!equalBytes(one.slot, other.slot) || equalBytes(one.digest, other.digest)) return undefined;
  for (const { signed: message, signature } of [first, second]) {
    if (!crypto.verify({ publicKey, message, signature })) return undefined;
  }
  return one.height;
}

/** domain · raw32 chainId · u64 epoch · u64 height · u32 round · raw32 digest, and for a COMMIT u32 delay. */
function placeOf(signed: Uint8Array, chainId: Uint8Array): VotePlace | undefined {
  const at = domains.findIndex((domain) => equalBytes(domain, signed.slice(0, domain.length)));
  const domain = domains[at];
  if (domain === undefined) return undefined;
  const decoded = decodeBytes(signed.slice(domain.length), (reader) => {
    const chain = reader.raw(32);
    if (!equalBytes(chain, chainId)) reader.fail("of another chain");
    reader.u64();
    const height = reader.u64();
    reader.u32();
    const digest = reader.raw(32);
    if (at === domains.length - 1) reader.u32();
    return { height, digest };
  });
  if (!decoded.ok) return undefined;
  return { slot: signed.slice(0, domain.length + 52), ...decoded.value };
}
