import { equalBytes, type Outcome } from "@voltfog/runtime";

/**
 * The first law of strict formats that these bytes break, or undefined: they decode and encode to
 * themselves, no shorter or longer form reads, and no changed byte reads as the same value. For tests.
 */
export function brokenLaw<T>(options: {
  bytes: Uint8Array;
  encode: (value: T) => Uint8Array;
  decode: (bytes: Uint8Array) => Outcome<T>;
}): string | undefined {
  const { bytes, encode, decode } = options;
  const whole = decode(bytes);
  if (!whole.ok) return `refused: ${whole.problem.detail}`;
  if (!equalBytes(encode(whole.value), bytes)) return "encodes to other bytes";
  for (let length = 0; length < bytes.length; length++) {
    if (decode(bytes.slice(0, length)).ok) return `reads ${length} of ${bytes.length} bytes`;
  }
  if (decode(Uint8Array.of(...bytes, 0)).ok) return "reads a trailing byte";
  for (let i = 0; i < bytes.length; i++) {
    const changed = bytes.slice();
    changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8));
    const decoded = decode(changed);
    if (decoded.ok && !equalBytes(encode(decoded.value), changed)) {
      return `reads a second form, changed at byte ${i}`;
    }
  }
  return undefined;
}
