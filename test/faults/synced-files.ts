import type { SystemCall } from "./system-calls.ts";

interface File {
  readonly parts: Buffer[];
  written_bytes: number;
  synced_bytes: number;
}

/** What of a process's files a power cut would leave, kept call by call. For files that only grow. */
export class SyncedFiles {
  readonly #files = new Map<string, File>();
  readonly #syncing = new Map<string, number>();

  take(call: SystemCall): void {
    switch (call.type) {
      case "written": {
        const file = this.#file(call.path);
        file.parts.push(call.bytes);
        file.written_bytes += call.bytes.length;
        break;
      }
      case "sync-begun":
        this.#syncing.set(call.thread, this.#file(call.path).written_bytes);
        break;
      case "synced": {
        const file = this.#file(call.path);
        const covered_bytes = this.#syncing.get(call.thread) ?? 0;
        file.synced_bytes = Math.max(file.synced_bytes, covered_bytes);
        break;
      }
      default:
        break;
    }
  }

  /** The synced bytes of all files with this in their path, in the order of their names. */
  synced(inPath: string): Buffer {
    const paths = [...this.#files.keys()].filter((path) => path.includes(inPath)).sort();
    return Buffer.concat(
      paths.map((path) => {
        const { parts, synced_bytes } = this.#file(path);
        return Buffer.concat(parts).subarray(0, synced_bytes);
      }),
    );
  }

  #file(path: string): File {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const fresh = { parts: [], written_bytes: 0, synced_bytes: 0 };
    this.#files.set(path, fresh);
    return fresh;
  }
}
