import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { assert, ByteWriter, utf8 } from "@voltfog/runtime";
import { diskError } from "@voltfog/runtime/node";
import {
  type ArchivedFile,
  archiveStart,
  encodeHead,
  type ListedFile,
  manifestTag,
} from "./archive-format.ts";

/**
 * Writes an archive from front to end. It appears under its name when it is whole and durable; until
 * then, and for ever when it fails, there is at most `<path>.part`, which abort takes away.
 */
export class ArchiveWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #digest: Hash = createHash("sha256");
  readonly #files: ListedFile[] = [];
  #written_bytes = 0;

  private constructor(options: { path: string; file: FileHandle }) {
    this.#path = options.path;
    this.#file = options.file;
  }

  /** DISK_ERROR and DISK_FULL as the file system says. Only the owner may read it: it holds keys. */
  static async open(path: string): Promise<ArchiveWriter> {
    const part = partOf(path);
    try {
      const writer = new ArchiveWriter({ path, file: await open(part, "w", 0o600) });
      await writer.#write(archiveStart);
      return writer;
    } catch (thrown) {
      throw diskError(thrown, part);
    }
  }

  get written_bytes(): number {
    return this.#written_bytes;
  }

  /** Adds a file; its content must have the stated length. */
  async add(file: ArchivedFile, content: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#write(encodeHead(file));
    const digest = createHash("sha256");
    let length_bytes = 0;
    for await (const bytes of content) {
      digest.update(bytes);
      length_bytes += bytes.length;
      await this.#write(bytes);
    }
    assert(length_bytes === file.length_bytes, "a file has the length that its head states");
    const sum = digest.digest();
    await this.#write(sum);
    const { path, mode } = file;
    this.#files.push({ path, mode, length_bytes, sha256: sum.toString("hex") });
  }

  /** Ends the archive with its manifest; gives SHA-256 of everything before it, in hex. */
  async finish(manifest: (files: readonly ListedFile[]) => object): Promise<string> {
    const text = utf8(JSON.stringify(manifest(this.#files)));
    await this.#write(new ByteWriter().u8(manifestTag).block(text).finish());
    const sum = this.#digest.digest();
    try {
      await this.#file.writeFile(sum);
      this.#written_bytes += sum.length;
      await this.#file.sync();
      await this.#file.close();
      await rename(partOf(this.#path), this.#path);
      await syncFolder(dirname(this.#path));
    } catch (thrown) {
      throw diskError(thrown, this.#path);
    }
    return sum.toString("hex");
  }

  /** Leaves nothing behind. */
  async abort(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(partOf(this.#path), { force: true });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at);
        at += bytesWritten;
      }
    } catch (thrown) {
      throw diskError(thrown, this.#path);
    }
    this.#digest.update(bytes);
    this.#written_bytes += bytes.length;
  }
}

function partOf(path: string): string {
  return `${path}.part`;
}

/** Makes new names in a folder survive power loss. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
