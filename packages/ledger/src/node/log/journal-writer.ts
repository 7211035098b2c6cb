import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AppendFile, diskError } from "@voltfog/runtime/node";
import { segmentMax_bytes, segmentName } from "./journal-format.ts";
import type { JournalEnd } from "./log-state.ts";

/** What the journal needs of the disk; tests put a faulty one in its place. */
export interface GrowingFile {
  readonly path: string;
  readonly size_bytes: number;
  /** Durable when it resolves; when it rejects, nothing of it stays or nothing more is ever written. */
  append(bytes: Uint8Array): Promise<void>;
  truncate(size_bytes: number): Promise<void>;
  close(): Promise<void>;
}

export type OpenGrowingFile = (path: string) => Promise<GrowingFile>;

/** The last segment of the journal, open for writing. */
export class JournalWriter {
  readonly #folder: string;
  readonly #openFile: OpenGrowingFile;
  readonly #segmentMax_bytes: number;
  #file: GrowingFile | undefined;
  #segment = 0;

  constructor(o: { folder: string; openFile?: OpenGrowingFile; segmentMax_bytes?: number }) {
    this.#folder = o.folder;
    this.#openFile = o.openFile ?? AppendFile.open;
    this.#segmentMax_bytes = o.segmentMax_bytes ?? segmentMax_bytes;
  }

  /** Goes on where the journal ends, cutting off what lies behind it. */
  async resume(end: JournalEnd): Promise<void> {
    this.#segment = end.segment;
    this.#file = await this.#openFile(join(this.#folder, segmentName(end.segment)));
    if (this.#file.size_bytes > end.at_bytes) await this.#file.truncate(end.at_bytes);
  }

  /** The segment that takes the group of this index; whether its header is still to be written. */
  async place(firstIndex: number): Promise<{ segment: number; at_bytes: number }> {
    if (this.#file !== undefined && this.#file.size_bytes >= this.#segmentMax_bytes) {
      await this.#file.close();
      this.#file = undefined;
    }
    if (this.#file === undefined) {
      this.#file = await this.#openFile(join(this.#folder, segmentName(firstIndex)));
      this.#segment = firstIndex;
    }
    return { segment: this.#segment, at_bytes: this.#file.size_bytes };
  }

  /** DISK_FULL or DISK_ERROR: nothing of it stays. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#file === undefined) return;
    try {
      await this.#file.append(bytes);
    } catch (thrown) {
      throw diskError(thrown, this.#file.path);
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    const isEmpty = file.size_bytes === 0;
    await file.close();
    if (isEmpty) await rm(file.path);
  }
}
