import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { CodedError, equalBytes, messageOf, toHex } from "@voltfog/runtime";
import {
  type ArchivedFile,
  archiveStart,
  decodeHead,
  digest_bytes,
  fileTag,
  headRest_bytes,
  headStart_bytes,
  type ListedFile,
  manifestMax_bytes,
  manifestTag,
  pathMax_bytes,
} from "./archive-format.ts";
import { type BackupManifest, parseManifest } from "./manifest.ts";

/** Takes the files of an archive in order. What it was given counts only once the archive is read to its end. */
export interface ArchiveSink {
  /** Called once for each file, with its content in parts. */
  take(file: ArchivedFile, content: AsyncIterable<Uint8Array>): Promise<void>;
  progress(done: { read_bytes: number; size_bytes: number; path: string }): void;
}

const chunk_bytes = 1 << 20;

/**
 * Reads an archive from front to end in one pass and gives its manifest. ARCHIVE_UNREADABLE,
 * ARCHIVE_VERSION, and ARCHIVE_DAMAGED with the file or the place of the first byte that is changed,
 * missing or too much.
 */
export async function readArchive(path: string, sink: ArchiveSink): Promise<BackupManifest> {
  const file = await open(path, "r").catch((thrown: unknown) => {
    throw new CodedError({
      code: "ARCHIVE_UNREADABLE",
      message: `${path}: ${messageOf(thrown)}`,
      remedy: "name a file that voltfog backup wrote",
    });
  });
  try {
    const { size } = await file.stat();
    return await new ArchiveReader({ path, file, size_bytes: size, sink }).run();
  } finally {
    await file.close();
  }
}

class ArchiveReader {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #size_bytes: number;
  readonly #sink: ArchiveSink;
  readonly #digest: Hash = createHash("sha256");
  readonly #files: ListedFile[] = [];
  readonly #paths = new Set<string>();
  #at_bytes = 0;

  constructor(options: { path: string; file: FileHandle; size_bytes: number; sink: ArchiveSink }) {
    this.#path = options.path;
    this.#file = options.file;
    this.#size_bytes = options.size_bytes;
    this.#sink = options.sink;
  }

  async run(): Promise<BackupManifest> {
    await this.#start();
    for (;;) {
      const where = this.#where();
      const tag = (await this.#bytes(1, where))[0];
      if (tag === manifestTag) return this.#manifest();
      if (tag !== fileTag) throw this.#damaged(where);
      await this.#oneFile(where);
    }
  }

  async #start(): Promise<void> {
    const start = await this.#bytes(archiveStart.length, "the archive's first bytes");
    const version = start.at(-1);
    if (!equalBytes(start.subarray(0, -1), archiveStart.subarray(0, -1))) {
      throw this.#damaged("the archive's first bytes are not a Voltfog backup's: this");
    }
    if (version === archiveStart.at(-1)) return;
    throw new CodedError({
      code: "ARCHIVE_VERSION",
      message: `${this.#path} is of version ${version}, this program reads ${archiveStart.at(-1)}`,
      remedy: "restore it with the version that wrote it",
    });
  }

  async #oneFile(where: string): Promise<void> {
    const lengthOfPath = await this.#bytes(headStart_bytes - 1, where);
    const path_bytes = ((lengthOfPath[0] ?? 0) << 8) | (lengthOfPath[1] ?? 0);
    if (path_bytes > pathMax_bytes) throw this.#damaged(where);
    const rest = await this.#bytes(path_bytes + headRest_bytes, where);
    const head = decodeHead(Uint8Array.of(fileTag, ...lengthOfPath, ...rest));
    if (!head.ok) throw this.#damaged(where);
    const file = head.value;
    if (this.#paths.has(file.path)) throw this.#damaged(`${file.path} stands twice: the second`);
    if (file.length_bytes > this.#left_bytes) throw this.#damaged(file.path, "is cut off");
    const digest = createHash("sha256");
    await this.#sink.take(file, this.#content(file, digest));
    const expected = await this.#bytes(digest_bytes, file.path);
    const sum = new Uint8Array(digest.digest());
    if (!equalBytes(sum, expected)) throw this.#damaged(file.path);
    this.#files.push({ ...file, sha256: toHex(sum) });
    this.#paths.add(file.path);
  }

  async *#content(file: ArchivedFile, digest: Hash): AsyncGenerator<Uint8Array> {
    for (let left = file.length_bytes; left > 0; ) {
      const bytes = await this.#bytes(Math.min(left, chunk_bytes), file.path);
      left -= bytes.length;
      digest.update(bytes);
      this.#sink.progress({
        read_bytes: this.#at_bytes,
        size_bytes: this.#size_bytes,
        path: file.path,
      });
      yield bytes;
    }
  }

  async #manifest(): Promise<BackupManifest> {
    const what = "the manifest";
    const length = await this.#bytes(4, what);
    const length_bytes = Buffer.from(length).readUInt32BE(0);
    if (length_bytes > manifestMax_bytes) throw this.#damaged(what);
    const text = await this.#bytes(length_bytes, what);
    const sum = new Uint8Array(this.#digest.copy().digest());
    if (!equalBytes(sum, await this.#bytes(digest_bytes, what))) throw this.#damaged(what);
    if (this.#left_bytes > 0)
      throw this.#damaged("something was added behind the end: the archive");
    const manifest = parseManifest(new TextDecoder().decode(text));
    if (manifest === undefined) throw this.#damaged(what);
    if (JSON.stringify(manifest.files) !== JSON.stringify(this.#files)) throw this.#damaged(what);
    return manifest;
  }

  get #left_bytes(): number {
    return this.#size_bytes - this.#at_bytes;
  }

  /** For what has no name: the place by the file before it. */
  #where(): string {
    const before = this.#files.at(-1);
    const behind = before === undefined ? "the first file" : `what follows ${before.path}`;
    return `${behind} (byte ${this.#at_bytes} of the archive)`;
  }

  async #bytes(length_bytes: number, what: string): Promise<Uint8Array> {
    if (length_bytes > this.#left_bytes) throw this.#damaged(what, "is cut off");
    const bytes = new Uint8Array(length_bytes);
    for (let got = 0; got < length_bytes; ) {
      const at = this.#at_bytes + got;
      const { bytesRead } = await this.#file.read(bytes, got, length_bytes - got, at);
      if (bytesRead === 0) throw this.#damaged(what, "is cut off");
      got += bytesRead;
    }
    this.#at_bytes += length_bytes;
    this.#digest.update(bytes);
    return bytes;
  }

  #damaged(what: string, how = "is damaged"): CodedError {
    return new CodedError({
      code: "ARCHIVE_DAMAGED",
      message: `${this.#path}: ${what} ${how}`,
      remedy: "restore another backup; nothing was taken from this one",
    });
  }
}
