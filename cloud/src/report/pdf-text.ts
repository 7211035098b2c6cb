/**
 * Helvetica is one of the 14 fonts that every PDF reader has (ISO 32000-1, 9.6.2.2), so no font file is
 * carried. Widths in thousandths of the size, from the font's public metrics: U+0020 to U+007E.
 */
const widths: readonly number[] = [
  ...[278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278],
  ...[556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556],
  ...[1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778],
  ...[667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556],
  ...[333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556],
  ...[556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584],
];
const widestGuess = 600;

/** Characters of WinAnsiEncoding (ISO 32000-1, annex D) beyond Latin-1 that reports use. */
const beyondLatin: Readonly<Record<string, number>> = {
  "€": 0x80,
  "…": 0x85,
  "‘": 0x91,
  "’": 0x92,
  "“": 0x93,
  "”": 0x94,
  "–": 0x96,
  "—": 0x97,
};
/** Signs that the encoding has not, as they are written without it. */
const spelled: ReadonlyMap<string, string> = new Map([
  ["\u2009", " "],
  ["\u2212", "–"],
  ["\u03c3", "sigma"],
  ["\u03a9", "Ohm"],
  ["\u221a", "sqrt"],
  ["\u2264", "at most "],
  ["\u2265", "at least "],
]);

/** The same words in characters that the encoding has; what it has not and nobody spelled is "?". */
export function writable(text: string): string {
  return [...text]
    .map((sign) => {
      const one = spelled.get(sign) ?? sign;
      return [...one].every((part) => codeOf(part) !== undefined) ? one : "?";
    })
    .join("");
}

/** A string as it stands in a page's content, brackets and all. */
export function literal(text: string): string {
  const bytes = [...writable(text)].map((sign) => codeOf(sign) ?? 0x3f);
  const escaped = bytes.map((code) => {
    const sign = String.fromCharCode(code);
    if (sign === "(" || sign === ")" || sign === "\\") return `\\${sign}`;
    return code < 0x7f ? sign : `\\${code.toString(8).padStart(3, "0")}`;
  });
  return `(${escaped.join("")})`;
}

/** Width of a text in points. */
export function textWidth(text: string, size: number): number {
  const sum = [...writable(text)].reduce((all, sign) => {
    return all + (widths[(sign.codePointAt(0) ?? 0) - 0x20] ?? widestGuess);
  }, 0);
  return (sum * size) / 1000;
}

/** Lines that are no wider than asked, broken at spaces; a longer word keeps its own line. */
export function wrapped(text: string, o: { size: number; width: number }): readonly string[] {
  const lines: string[] = [];
  for (const word of writable(text).split(/\s+/)) {
    const line = lines.at(-1);
    const joined = line === undefined ? word : `${line} ${word}`;
    if (line === undefined || textWidth(joined, o.size) > o.width) lines.push(word);
    else lines[lines.length - 1] = joined;
  }
  return lines;
}

function codeOf(sign: string): number | undefined {
  const code = sign.codePointAt(0) ?? 0;
  const isLatin = (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code <= 0xff);
  return isLatin ? code : beyondLatin[sign];
}
