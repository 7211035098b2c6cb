import { X509Certificate } from "node:crypto";
import { readInputFile } from "../input-file.ts";

const day_ms = 86_400_000;

/** What a certificate's file says of its holder and its time, in whole days. */
export function certificateDays(
  path: string,
  now_ms: number,
): { readonly subject: readonly string[]; readonly since: number; readonly left: number } {
  const certificate = new X509Certificate(readInputFile(path));
  return {
    subject: certificate.subject.split("\n"),
    since: Math.floor((now_ms - Date.parse(certificate.validFrom)) / day_ms),
    left: Math.floor((Date.parse(certificate.validTo) - now_ms) / day_ms),
  };
}
