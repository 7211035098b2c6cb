import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";

const version = 1;

/** A writer that has written the version's byte, with which every payload and record of a market begins. */
export function writeVersioned(): ByteWriter {
  return new ByteWriter().u8(version);
}

/** What {@link writeVersioned} began; MALFORMED for another version, missing bytes and bytes left over. */
export function readVersioned<T>(
  bytes: Uint8Array,
  read: (reader: ByteReader) => T,
): Outcome<T, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const found = reader.u8();
    if (found !== version) reader.fail(`version ${found}, this reads ${version}`);
    return read(reader);
  });
}

/** u8 0, or u8 1 and what it holds. */
export function writeOptional<T>(
  writer: ByteWriter,
  value: T | undefined,
  write: (writer: ByteWriter, value: T) => void,
): void {
  writer.u8(value === undefined ? 0 : 1);
  if (value !== undefined) write(writer, value);
}

export function readOptional<T>(
  reader: ByteReader,
  read: (reader: ByteReader) => T,
): T | undefined {
  const present = reader.u8();
  if (present > 1) reader.fail(`presence ${present}`);
  return present === 1 ? read(reader) : undefined;
}
