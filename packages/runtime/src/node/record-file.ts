import { type FileHandle, open } from "node:fs/promises";
import { CodedError } from "../coded-error.ts";
import { diskError } from "./disk-error.ts";
import { AppendFile, type OpenDiskFile } from "./files.ts";
import {
  chainBefore,
  encodeHeader,
  type RecordFileProblem,
  recordLength_bytes,
  recordMax_bytes,
  type StoredRecord,
  scanRecordFile,
  writeRecord,
} from "./record-scan.ts";

/** What one write may hold; appends beyond it go into the next write. */
const groupMax_bytes = 8 * 1024 * 1024;

interface Waiting {
  readonly payloads: readonly Uint8Array[];
  readonly length_bytes: number;
  readonly resolve: (at_bytes: readonly number[]) => void;
  readonly reject: (reason: unknown) => void;
}

export interface RecordFileOptions {
  readonly path: string;
  /** Names what the records are, so that one owner never opens another's file. At most 255 bytes. */
  readonly kind: string;
  /** Called for every record already there, in order, while the file opens. */
  readonly onRecord?: (record: StoredRecord) => void;
  /** Payload bytes that may wait for the disk; RECORDS_BACKLOG beyond. 64 MiB unless told. */
  readonly backlogMax_bytes?: number;
  /** The disk, where it is not this machine's own. */
  readonly openFile?: OpenDiskFile | undefined;
}

/**
 * An append-only file of checksummed, chained records with one writer and any number of readers
 * without locks. Format: record-scan.ts. The owner makes sure that there is only one writer.
 */
export class RecordFile {
  readonly path: string;
  /** Bytes of an unfinished record that opening cut off. */
  readonly cut_bytes: number;
  #file: AppendFile;
  #chain: number;
  #waiting: Waiting[] = [];
  #waiting_bytes = 0;
  #busy: Promise<void> | undefined;
  #closed = false;
  readonly #backlogMax_bytes: number;

  private constructor(o: {
    file: AppendFile;
    chain: number;
    cut_bytes: number;
    backlogMax_bytes: number;
  }) {
    this.path = o.file.path;
    this.cut_bytes = o.cut_bytes;
    this.#file = o.file;
    this.#chain = o.chain;
    this.#backlogMax_bytes = o.backlogMax_bytes;
  }

  /**
   * Opens the file, or makes it. Reads all of it; a record that a crash left unfinished is cut off.
   * RECORD_CORRUPT, HEADER_CORRUPT or KIND_MISMATCH when anything else is wrong; nothing is changed then.
   */
  static async open(options: RecordFileOptions): Promise<RecordFile> {
    const file = await AppendFile.open(options.path, options.openFile);
    try {
      const before_bytes = file.size_bytes;
      const scan = await scanRecordFile(options);
      if (scan.problem !== undefined && scan.problem.code !== "UNFINISHED_TAIL") {
        throw corrupt(options.path, scan.problem);
      }
      if (scan.end_bytes < before_bytes) await file.truncate(scan.end_bytes);
      if (scan.end_bytes === 0) await file.append(encodeHeader(options.kind));
      const chain = await readChain(options.path, file.size_bytes);
      const cut_bytes = before_bytes - scan.end_bytes;
      const backlogMax_bytes = options.backlogMax_bytes ?? 64 * 1024 * 1024;
      return new RecordFile({ file, chain, cut_bytes, backlogMax_bytes });
    } catch (thrown) {
      await file.close();
      throw diskError(thrown, options.path);
    }
  }

  /**
   * Resolves with the place of each record once all of them are durable. Calls made while the disk is
   * busy share one write and one fdatasync. DISK_FULL or DISK_ERROR: none of these records counts and
   * later appends may work again. RECORD_TOO_LARGE and RECORDS_BACKLOG: nothing was taken.
   */
  append(payloads: readonly Uint8Array[]): Promise<readonly number[]> {
    const length_bytes = payloads.reduce((sum, payload) => sum + recordLength_bytes(payload), 0);
    if (this.#closed) return Promise.reject(this.#refusal("RECORDS_CLOSED", "is closed"));
    if (payloads.some((payload) => payload.length > recordMax_bytes)) {
      return Promise.reject(this.#refusal("RECORD_TOO_LARGE", "takes no record over 64 MiB"));
    }
    if (this.#waiting_bytes > 0 && this.#waiting_bytes + length_bytes > this.#backlogMax_bytes) {
      return Promise.reject(this.#refusal("RECORDS_BACKLOG", "has too much waiting for the disk"));
    }
    if (payloads.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ payloads, length_bytes, resolve, reject });
      this.#waiting_bytes += length_bytes;
      this.#busy ??= this.#drain();
    });
  }

  /** The record at a place that append or a scan gave; RECORD_CORRUPT when there is none. */
  async read(at_bytes: number): Promise<StoredRecord> {
    let found: StoredRecord | undefined;
    const onRecord = (record: StoredRecord): void => {
      found = record;
    };
    const scan = await scanRecordFile({
      path: this.path,
      from_bytes: at_bytes,
      limit_bytes: 1,
      onRecord,
    });
    if (found !== undefined) return found;
    const detail = "no record starts here";
    throw corrupt(this.path, scan.problem ?? { code: "RECORD_CORRUPT", detail, at_bytes });
  }

  get size_bytes(): number {
    return this.#file.size_bytes;
  }

  /** Waits for what was appended, then closes. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#busy;
    await this.#file.close();
  }

  #refusal(code: string, what: string): CodedError {
    return new CodedError({ code, message: `${this.path} ${what}` });
  }

  async #drain(): Promise<void> {
    // One turn of the event loop, so that appends of the same turn share the write.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#writeGroup(this.#takeGroup());
    this.#busy = undefined;
  }

  #takeGroup(): readonly Waiting[] {
    let length_bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      if (count > 0 && length_bytes + waiting.length_bytes > groupMax_bytes) break;
      length_bytes += waiting.length_bytes;
      count++;
    }
    this.#waiting_bytes -= length_bytes;
    return this.#waiting.splice(0, count);
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const bytes = new Uint8Array(group.reduce((sum, waiting) => sum + waiting.length_bytes, 0));
    const start_bytes = this.#file.size_bytes;
    let chain = this.#chain;
    let at = 0;
    const places = group.map((waiting) =>
      waiting.payloads.map((payload) => {
        const place = start_bytes + at;
        chain = writeRecord({ target: bytes, at, payload, chain });
        at += recordLength_bytes(payload);
        return place;
      }),
    );
    try {
      await this.#file.append(bytes);
    } catch (thrown) {
      const reason = diskError(thrown, this.path);
      for (const waiting of group) waiting.reject(reason);
      return;
    }
    this.#chain = chain;
    group.forEach((waiting, i) => {
      waiting.resolve(places[i] ?? []);
    });
  }
}

export interface RecordFileReport {
  readonly ok: boolean;
  readonly records: number;
  readonly size_bytes: number;
  readonly problem?: RecordFileProblem;
}

/** Checks every byte of a record file without changing it; an unfinished tail is a problem here too. */
export async function checkRecordFile(options: {
  path: string;
  kind?: string;
  onRecord?: (record: StoredRecord) => void;
}): Promise<RecordFileReport> {
  const { records, size_bytes, problem } = await scanRecordFile(options);
  if (problem !== undefined) return { ok: false, records, size_bytes, problem };
  return { ok: true, records, size_bytes };
}

/**
 * Records from a place on, for a reader beside a live writer: at most about `limit_bytes` of them,
 * fewer at the end, never an unfinished one. Throws RECORD_CORRUPT and the like on a damaged file.
 */
export async function readRecords(options: {
  path: string;
  kind: string;
  from_bytes?: number;
  limit_bytes?: number;
}): Promise<{ records: readonly StoredRecord[]; next_bytes: number }> {
  const records: StoredRecord[] = [];
  const scan = await scanRecordFile({
    ...options,
    onRecord: (record) => {
      records.push(record);
    },
  });
  if (scan.problem !== undefined && scan.problem.code !== "UNFINISHED_TAIL") {
    throw corrupt(options.path, scan.problem);
  }
  return { records, next_bytes: scan.end_bytes };
}

function corrupt(path: string, problem: RecordFileProblem): CodedError {
  return new CodedError({
    code: problem.code,
    message: `${path} at byte ${problem.at_bytes}: ${problem.detail}`,
    remedy: "restore the file from a backup; what follows this byte cannot be trusted",
  });
}

async function readChain(path: string, end_bytes: number): Promise<number> {
  const handle: FileHandle = await open(path, "r");
  try {
    return await chainBefore(handle, end_bytes);
  } finally {
    await handle.close();
  }
}
