import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Something that must be nowhere on the chain: a text, or secret bytes such as a salt. */
export interface Identifier {
  readonly what: string;
  readonly value: string | Uint8Array;
}

/** Bytes that are looked through, and where they are from. */
export interface Haystack {
  readonly place: string;
  readonly bytes: Uint8Array;
}

interface Needle {
  readonly form: string;
  readonly bytes: Buffer;
  /** Upper and lower case are the same: the haystack is compared in lower case. */
  readonly anyCase: boolean;
}

/** Every form in which an identifier would be readable, longest parts of base64 that do not depend on what is beside it. */
export function formsOf({ value }: Identifier): readonly Needle[] {
  if (typeof value !== "string") return bytesForms("bytes", Buffer.from(value));
  const lower = value.toLowerCase();
  const wide = Buffer.from(lower, "utf16le");
  const texts = [...new Set([value, lower, value.toUpperCase()])];
  return [
    { form: "text", bytes: Buffer.from(lower, "utf8"), anyCase: true },
    { form: "UTF-16, low byte first", bytes: wide, anyCase: true },
    { form: "UTF-16, high byte first", bytes: Buffer.from(wide).swap16(), anyCase: true },
    ...texts.flatMap((text) => bytesForms(`of “${text}”`, Buffer.from(text, "utf8")).slice(1)),
    ...texts.flatMap((text) =>
      bytesForms(`of “${text}” in UTF-16`, Buffer.from(text, "utf16le")).slice(1),
    ),
  ];
}

function bytesForms(name: string, bytes: Buffer): readonly Needle[] {
  return [
    { form: name, bytes, anyCase: false },
    { form: `hex ${name}`, bytes: Buffer.from(bytes.toString("hex"), "ascii"), anyCase: true },
    ...[0, 1, 2].flatMap((shift) => {
      const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
      const end = (shift + bytes.length) % 3 === 0 ? encoded.length : encoded.indexOf("=") - 1;
      const inner = encoded.slice([0, 2, 3][shift], end < 0 ? undefined : end);
      const url = inner.replaceAll("+", "-").replaceAll("/", "_");
      return [...new Set([inner, url])].map((text) => ({
        form: `base64 ${name}`,
        bytes: Buffer.from(text, "ascii"),
        anyCase: false,
      }));
    }),
  ];
}

/**
 * A vehicle identification number as ISO 3779 writes it: 17 digits and letters without I, O and Q, the last
 * four digits, on its own. The end in digits keeps base64 of hashes from looking like one.
 */
const vin = /(?<![A-Za-z0-9])[A-HJ-NPR-Z0-9]{13}[0-9]{4}(?![A-Za-z0-9])/gi;

/** A word of 17 digits alone is a number: a time in microseconds, or a nonce. */
function isVin(text: string): boolean {
  return /[A-Z]{2}/i.test(text);
}

/** Every place where one of the identifiers, or anything like a VIN, can be read. */
export function findIdentifiers(
  haystacks: readonly Haystack[],
  identifiers: readonly Identifier[],
): readonly string[] {
  const needles = identifiers.map((one) => ({ what: one.what, forms: formsOf(one) }));
  return haystacks.flatMap(({ place, bytes }) => {
    const exact = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const text = exact.toString("latin1");
    const lower = Buffer.from(text.toLowerCase(), "latin1");
    const known = needles.flatMap(({ what, forms }) =>
      forms
        .filter((form) => (form.anyCase ? lower : exact).includes(form.bytes))
        .map(({ form }) => `${place}: ${what} as ${form}`),
    );
    const vins = [...text.matchAll(vin)]
      .map(([found]) => found)
      .filter(isVin)
      .map((found) => `${place}: ${found}, which is like a VIN`);
    return [...known, ...vins];
  });
}

/** Every file below a folder. */
export function filesBelow(folder: string): readonly Haystack[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const place = join(entry.parentPath, entry.name);
      return { place, bytes: new Uint8Array(readFileSync(place)) };
    });
}
