import { readFileSync } from "node:fs";
import { complaint } from "./complaint.ts";

/** The bytes of a file named by the user; FILE_UNREADABLE says why there are none. */
export function readInputFile(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (thrown) {
    throw complaint({
      code: "FILE_UNREADABLE",
      what: `${path}: ${reasonOf(thrown)}`,
      remedy: "name a file that you can read",
    });
  }
}

/** The JSON object in a file named by the user; FILE_MALFORMED where it holds something else. */
export function readJsonObject(path: string): Readonly<Record<string, unknown>> {
  const text = new TextDecoder().decode(readInputFile(path));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw complaint({
    code: "FILE_MALFORMED",
    what: `${path} holds no JSON object`,
    remedy: "correct the file or name another",
  });
}

function reasonOf(thrown: unknown): string {
  const code = (thrown as { code?: unknown }).code;
  const known: Record<string, string> = {
    ENOENT: "there is no such file",
    EACCES: "reading it is not permitted",
    EISDIR: "is a folder, not a file",
  };
  return typeof code === "string" ? (known[code] ?? code) : String(thrown);
}
