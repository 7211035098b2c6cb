import { readInputFile } from "../input-file.ts";

/** The first line of a passphrase file; undefined where none is named. */
export function passphraseOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  return new TextDecoder().decode(readInputFile(path)).replace(/\r?\n$/, "");
}
