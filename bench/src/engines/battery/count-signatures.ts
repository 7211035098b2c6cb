import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";

/**
 * From now on every verification of a signature in this process is counted, whoever asks for it: votes,
 * certificates, records. The TLS library's own are not among them. Gives what was counted so far.
 */
export function countSignatures(): () => number {
  let count = 0;
  const verify = crypto.verify.bind(crypto);
  const counting = (...words: Parameters<typeof verify>): ReturnType<typeof verify> => {
    count++;
    return verify(...words);
  };
  Object.assign(crypto, { verify: counting });
  syncBuiltinESMExports();
  return () => count;
}
