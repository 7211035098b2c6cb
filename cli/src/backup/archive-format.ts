import { ByteWriter, decodeBytes, equalBytes, type Outcome, utf8 } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";

/*
 * A backup archive, numbers big-endian, written and read in one pass (docs/operations/backup.md):
 *   start     "VFBAK" · u8 version 1
 *   file      u8 1 · u16 length of path · path · u16 mode · u64 length · raw 8 check · content · raw 32 digest
 *             check: first bytes of SHA-256 of the fields before it; digest: SHA-256 of the content
 *   manifest  u8 2 · u32 length · JSON · raw 32 SHA-256 of every byte before
 * Nothing follows. The check tells a damaged length from a file that is cut off.
 */
export const archiveStart: Uint8Array = Uint8Array.of(...utf8("VFBAK"), 1);
export const digest_bytes = 32;
export const fileTag = 1;
export const manifestTag = 2;
export const manifestMax_bytes: number = 256 * 1024 * 1024;
/** Of a file's head: tag and path length first, then what that length asks for. */
export const headStart_bytes = 3;
export const headRest_bytes = 18;
export const pathMax_bytes = 1024;

const check_bytes = 8;
const pathPattern = /^(?:[A-Za-z0-9._-]+\/)*[A-Za-z0-9._-]+$/;

/** One file of an archive. */
export interface ArchivedFile {
  /** Below the site's folder, with slashes. */
  readonly path: string;
  /** 0o600 for what only its owner may read. */
  readonly mode: number;
  readonly length_bytes: number;
}

/** A file with the SHA-256 of its content in hex. */
export interface ListedFile extends ArchivedFile {
  readonly sha256: string;
}

/** Whether a path names a file below the folder and nothing else, on any system. */
export function isArchivePath(path: string): boolean {
  const named = pathPattern.test(path) && utf8(path).length <= pathMax_bytes;
  return named && path.split("/").every((part) => part !== "." && part !== "..");
}

export function encodeHead(file: ArchivedFile): Uint8Array {
  const path = utf8(file.path);
  const fields = new ByteWriter()
    .u8(fileTag)
    .u16(path.length)
    .raw(path)
    .u16(file.mode)
    .u64(file.length_bytes)
    .finish();
  return Uint8Array.of(...fields, ...headCheck(fields));
}

/** The file of a head as {@link encodeHead} wrote it. */
export function decodeHead(bytes: Uint8Array): Outcome<ArchivedFile> {
  return decodeBytes(bytes, (reader) => {
    reader.u8();
    const path = new TextDecoder().decode(reader.raw(reader.u16()));
    const file = { path, mode: reader.u16(), length_bytes: reader.u64() };
    const check = reader.raw(check_bytes);
    if (!equalBytes(check, headCheck(bytes.subarray(0, bytes.length - check_bytes)))) {
      reader.fail("its head is not intact");
    }
    if (!isArchivePath(path)) reader.fail("its path leads elsewhere");
    return file;
  });
}

function headCheck(fields: Uint8Array): Uint8Array {
  return nodeCrypto.sha256(fields).subarray(0, check_bytes);
}
