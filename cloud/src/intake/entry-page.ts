import { frameMax_bytes } from "@voltfog/messages";
import {
  type ByteReader,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";

/** One entry as a unit serves it. */
export interface ServedEntry {
  readonly index: number;
  readonly accepted_ms: number;
  readonly entry: Uint8Array;
  /** Empty where the unit no longer holds the frame. */
  readonly frame: Uint8Array;
}

/** Consecutive entries and a signed checkpoint of the log that they are from. */
export interface EntryPage {
  readonly entries: readonly ServedEntry[];
  readonly note: string;
}

const entryMax_bytes = 1024;
const noteMax_bytes = 4096;
const entriesMax = 4096;
const pageVersion = 1;

export function decodeEntryPage(bytes: Uint8Array): Outcome<EntryPage, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== pageVersion) reader.fail("unknown version of a page of entries");
    return {
      entries: reader.list({
        limit: entriesMax,
        read: (inner) => ({
          index: inner.u64(),
          accepted_ms: inner.u64(),
          entry: inner.block(entryMax_bytes),
          frame: inner.block(frameMax_bytes),
        }),
      }),
      note: readNote(reader),
    };
  });
}

/** Strict: putting wrong bytes right would make a second form of the page. */
function readNote(reader: ByteReader): string {
  const bytes = reader.block(noteMax_bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return reader.fail("the note is not UTF-8");
  }
}
