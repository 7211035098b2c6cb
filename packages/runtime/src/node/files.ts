import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes the whole file or nothing: temporary file, fsync, rename, fsync of the folder.
 * Makes the folder when it is missing.
 */
export function replaceFileSync(
  path: string,
  content: string | Uint8Array,
  options: { mode?: number } = {},
): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const temporary = `${path}.new`;
  const file = openSync(temporary, "w", options.mode ?? 0o644);
  try {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolderSync(folder);
}

/** Makes durable which names a folder holds. */
export function syncFolderSync(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** What is needed of the disk for one file that grows. Tests put one in its place that forgets what was not synced. */
export interface DiskFile {
  /** Writes behind what is there. */
  write(bytes: Uint8Array, from: number, length_bytes: number): Promise<{ bytesWritten: number }>;
  datasync(): Promise<void>;
  truncate(size_bytes: number): Promise<void>;
  read(
    target: Uint8Array,
    at: number,
    length_bytes: number,
    from_bytes: number,
  ): Promise<{ bytesRead: number }>;
  stat(): Promise<{ readonly size: number }>;
  close(): Promise<void>;
}

/** Opens a file to append and to read, and makes it where it is missing; its folder is there. */
export type OpenDiskFile = (path: string) => Promise<DiskFile>;

const openOnDisk: OpenDiskFile = (path) => open(path, "a+", 0o644);

/** A file that only grows. What append resolved for survives kill -9 and power loss. */
export class AppendFile {
  readonly path: string;
  #handle: DiskFile;
  #size_bytes: number;
  /** A failed write may have left bytes behind the end; they go before anything else is written. */
  #cutDue = false;

  private constructor(options: { path: string; handle: DiskFile; size_bytes: number }) {
    this.path = options.path;
    this.#handle = options.handle;
    this.#size_bytes = options.size_bytes;
  }

  static async open(path: string, openFile: OpenDiskFile = openOnDisk): Promise<AppendFile> {
    const folder = dirname(path);
    mkdirSync(folder, { recursive: true });
    const handle = await openFile(path);
    syncFolderSync(folder);
    return new AppendFile({ path, handle, size_bytes: (await handle.stat()).size });
  }

  /**
   * Writes at the end and, unless told otherwise, waits for fdatasync. A failed write is cut off again;
   * while that fails too, nothing more is written. One call at a time.
   */
  async append(bytes: Uint8Array, options: { sync?: boolean } = {}): Promise<void> {
    const start_bytes = this.#size_bytes;
    if (this.#cutDue) await this.truncate(start_bytes);
    try {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at);
        at += bytesWritten;
      }
      if (options.sync ?? true) await this.#handle.datasync();
      this.#size_bytes = start_bytes + bytes.length;
    } catch (thrown) {
      this.#cutDue = true;
      await this.truncate(start_bytes).catch(() => {});
      throw thrown;
    }
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async read(range: { at_bytes: number; length_bytes: number }): Promise<Uint8Array> {
    const buffer = new Uint8Array(range.length_bytes);
    const { bytesRead } = await this.#handle.read(buffer, 0, range.length_bytes, range.at_bytes);
    return buffer.subarray(0, bytesRead);
  }

  /** Cuts the file back, for a torn tail found at start. */
  async truncate(size_bytes: number): Promise<void> {
    await this.#handle.truncate(size_bytes);
    await this.#handle.datasync();
    this.#size_bytes = size_bytes;
    this.#cutDue = false;
  }

  get size_bytes(): number {
    return this.#size_bytes;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
