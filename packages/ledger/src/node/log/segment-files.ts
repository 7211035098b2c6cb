import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { parseSegmentName, segmentName } from "./journal-format.ts";

/** The journal/ folder of a log, for reading. */
export class SegmentFiles {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  path(segment: number): string {
    return join(this.folder, segmentName(segment));
  }

  /** First indexes of the segments, in order. */
  list(): number[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .map(parseSegmentName)
      .filter((segment) => segment !== undefined)
      .sort((a, b) => a - b);
  }

  /** Runs a task on an open segment and closes it. */
  withSegment<T>(segment: number, task: (file: OpenSegment) => T): T {
    const descriptor = openSync(this.path(segment), "r");
    try {
      return task(new OpenSegment(descriptor));
    } finally {
      closeSync(descriptor);
    }
  }

  /** A part of a segment, shorter where the file ends. */
  async read(segment: number, part: SegmentPart): Promise<Uint8Array> {
    const handle = await open(this.path(segment), "r");
    try {
      const bytes = new Uint8Array(part.length);
      let got = 0;
      while (got < bytes.length) {
        const { bytesRead } = await handle.read(bytes, got, bytes.length - got, part.at + got);
        if (bytesRead === 0) break;
        got += bytesRead;
      }
      return bytes.subarray(0, got);
    } finally {
      await handle.close();
    }
  }
}

export interface SegmentPart {
  readonly at: number;
  readonly length: number;
}

export class OpenSegment {
  readonly #descriptor: number;
  /** As it was when the segment was opened. */
  readonly size_bytes: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    this.size_bytes = fstatSync(descriptor).size;
  }

  /** The bytes of this part, fewer where the file ends. */
  read({ at, length }: SegmentPart): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size_bytes - at)));
    let got = 0;
    while (got < bytes.length) {
      const more = readSync(this.#descriptor, bytes, got, bytes.length - got, at + got);
      if (more === 0) break;
      got += more;
    }
    return bytes.subarray(0, got);
  }
}
