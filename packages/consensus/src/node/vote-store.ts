import {
  ByteWriter,
  CodedError,
  type Crypto,
  concatBytes,
  decodeBytes,
  equalBytes,
  type Logger,
} from "@voltfog/runtime";
import { AppendFile, type OpenDiskFile, replaceFileSync } from "@voltfog/runtime/node";

export interface StoredVote {
  readonly height: number;
  readonly record: Uint8Array;
}

/** Beyond this size, votes of heights that are over are dropped. */
const pruneAt_bytes = 4_194_304;
const checksum_bytes = 16;
const groupMax_bytes = 67_108_864;

/**
 * A validator's votes on disk. What append resolved for survives kill -9 and power loss, so a vote that
 * was sent is never forgotten. One record a write: u32 length · body · first 16 bytes of SHA-256(body).
 */
export class VoteStore {
  readonly #path: string;
  readonly #crypto: Crypto;
  readonly #openFile: OpenDiskFile | undefined;
  #file: AppendFile;
  #votes: StoredVote[];

  private constructor(options: {
    path: string;
    crypto: Crypto;
    file: AppendFile;
    votes: StoredVote[];
    openFile: OpenDiskFile | undefined;
  }) {
    this.#openFile = options.openFile;
    this.#path = options.path;
    this.#crypto = options.crypto;
    this.#file = options.file;
    this.#votes = options.votes;
  }

  /** Cuts off a write that a crash tore. VOTES_DAMAGED where anything before the last write is unreadable. */
  static async open(options: {
    path: string;
    crypto: Crypto;
    logger: Logger;
    /** The disk, where it is not this machine's own. */
    openFile?: OpenDiskFile;
  }): Promise<VoteStore> {
    const { path, crypto, openFile } = options;
    const file = await AppendFile.open(path, openFile);
    const bytes = await file.read({ at_bytes: 0, length_bytes: file.size_bytes });
    const { votes, end_bytes } = readVotes(bytes, crypto);
    if (end_bytes < bytes.length) {
      if (isFollowedByVotes({ bytes, end_bytes, crypto })) {
        await file.close();
        throw votesDamaged(path, end_bytes);
      }
      options.logger.warn("torn vote cut off", { at_bytes: end_bytes, file_bytes: bytes.length });
      await file.truncate(end_bytes);
    }
    return new VoteStore({ path, crypto, file, votes, openFile });
  }

  /** Every vote that was ever made durable and may still matter. */
  get records(): readonly Uint8Array[] {
    return this.#votes.map(({ record }) => record);
  }

  /** Resolves when all of them are durable; one write and one fdatasync. */
  async append(votes: readonly StoredVote[]): Promise<void> {
    await this.#file.append(encodeGroup(votes, this.#crypto));
    this.#votes.push(...votes);
  }

  /** Forgets votes up to a height that is final and durable, once they take much room. */
  async prune(finalHeight: number): Promise<void> {
    this.#votes = this.#votes.filter(({ height }) => height > finalHeight);
    if (this.#file.size_bytes < pruneAt_bytes) return;
    await this.#file.close();
    const kept = this.#votes.length > 0 ? encodeGroup(this.#votes, this.#crypto) : new Uint8Array();
    replaceFileSync(this.#path, kept);
    this.#file = await AppendFile.open(this.#path, this.#openFile);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function encodeGroup(votes: readonly StoredVote[], crypto: Crypto): Uint8Array {
  const writer = new ByteWriter().u8(1).u32(votes.length);
  for (const { height, record } of votes) writer.u64(height).block(record);
  const body = writer.finish();
  const length = new ByteWriter().u32(body.length).finish();
  return concatBytes(length, body, crypto.sha256(body).subarray(0, checksum_bytes));
}

function readVotes(bytes: Uint8Array, crypto: Crypto): { votes: StoredVote[]; end_bytes: number } {
  const votes: StoredVote[] = [];
  let end_bytes = 0;
  for (;;) {
    const group = readGroup({ bytes, at_bytes: end_bytes, crypto });
    if (group === undefined) return { votes, end_bytes };
    votes.push(...group.votes);
    end_bytes = group.end_bytes;
  }
}

function readGroup(options: {
  bytes: Uint8Array;
  at_bytes: number;
  crypto: Crypto;
}): { votes: StoredVote[]; end_bytes: number } | undefined {
  const { bytes, at_bytes } = options;
  const length_bytes = lengthAt(bytes, at_bytes);
  if (length_bytes === undefined) return undefined;
  const end_bytes = at_bytes + 4 + length_bytes + checksum_bytes;
  const body = bytes.subarray(at_bytes + 4, at_bytes + 4 + length_bytes);
  const checksum = options.crypto.sha256(body).subarray(0, checksum_bytes);
  if (!equalBytes(checksum, bytes.subarray(end_bytes - checksum_bytes, end_bytes))) {
    return undefined;
  }
  const decoded = decodeBytes(body, (reader) => {
    if (reader.u8() !== 1) return reader.fail("unknown version");
    return reader.list({
      limit: 1024,
      read: (each) => ({ height: each.u64(), record: each.block(groupMax_bytes) }),
    });
  });
  return decoded.ok ? { votes: decoded.value, end_bytes } : undefined;
}

/** Length of the group at that place, where all of it is there. */
function lengthAt(bytes: Uint8Array, at_bytes: number): number | undefined {
  if (at_bytes + 4 > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at_bytes, 4);
  const length_bytes = view.getUint32(0);
  const isWhole = at_bytes + 4 + length_bytes + checksum_bytes <= bytes.length;
  return length_bytes <= groupMax_bytes && isWhole ? length_bytes : undefined;
}

/** A torn write is the last one. A good group behind a bad one means that the disk lost a vote. */
function isFollowedByVotes(options: {
  bytes: Uint8Array;
  end_bytes: number;
  crypto: Crypto;
}): boolean {
  const { bytes, end_bytes, crypto } = options;
  const length_bytes = lengthAt(bytes, end_bytes);
  if (length_bytes === undefined) return false;
  const next_bytes = end_bytes + 4 + length_bytes + checksum_bytes;
  return readGroup({ bytes, at_bytes: next_bytes, crypto }) !== undefined;
}

function votesDamaged(path: string, at_bytes: number): CodedError {
  return new CodedError({
    code: "VOTES_DAMAGED",
    message: `${path} is damaged at byte ${at_bytes}`,
    remedy: "do not let this validator vote with its old key: admit it again with a new one",
  });
}
