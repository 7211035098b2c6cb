/** One element of DER: its tag, all of its bytes, and what is in it. */
export interface DerElement {
  readonly tag: number;
  readonly whole: Buffer;
  readonly content: Buffer;
}

/**
 * The elements that follow each other in these bytes; undefined where they are no DER of one-byte tags
 * and lengths below 2^32. ITU-T X.690 §8.1, §10.1.
 */
export function derElements(bytes: Buffer): readonly DerElement[] | undefined {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = contentLength(bytes, at);
    if (length === undefined || length.end > bytes.length) return undefined;
    const { begin, end } = length;
    elements.push({
      tag: bytes[at] ?? 0,
      whole: bytes.subarray(at, end),
      content: bytes.subarray(begin, end),
    });
    at = end;
  }
  return elements;
}

function contentLength(bytes: Buffer, at: number): { begin: number; end: number } | undefined {
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  if (first < 0x80) return { begin: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  if (count < 1 || count > 4 || at + 2 + count > bytes.length) return undefined;
  const length = bytes.readUIntBE(at + 2, count);
  const begin = at + 2 + count;
  // The shortest form is the only one.
  return length < 0x80 || bytes[at + 2] === 0 ? undefined : { begin, end: begin + length };
}
