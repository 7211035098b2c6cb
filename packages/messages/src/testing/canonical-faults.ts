import { equalBytes, type Outcome } from "@voltfog/runtime";

/**
 * Where a decoder breaks its promise to take one encoding only: it must read these bytes and encode them
 * again, and must not take them shortened, with bytes left over, or with one byte changed unless that is
 * the encoding of something else. Empty when it holds.
 */
export function canonicalFaults<T>(options: {
  bytes: Uint8Array;
  decode: (bytes: Uint8Array) => Outcome<T>;
  encode: (value: T) => Uint8Array;
}): string[] {
  const { bytes, decode, encode } = options;
  const faults: string[] = [];
  const check = (name: string, input: Uint8Array, mustRead?: boolean): void => {
    const decoded = decode(input);
    if (mustRead !== undefined && decoded.ok !== mustRead) faults.push(`${name}: ${decoded.ok}`);
    if (decoded.ok && !equalBytes(encode(decoded.value), input))
      faults.push(`${name}: encodes anew`);
  };
  check("as it was", bytes, true);
  check("one byte more", Uint8Array.of(...bytes, 0), false);
  for (let place = 0; place < bytes.length; place++) {
    check(`cut at ${place}`, bytes.subarray(0, place), false);
    for (const change of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
      check(`${change} turned over at ${place}`, changed(bytes, place, change));
    }
  }
  return faults;
}

/** A copy with some bits of one byte turned over. */
export function changed(bytes: Uint8Array, place: number, change: number): Uint8Array {
  const altered = bytes.slice();
  altered[place] = (altered[place] ?? 0) ^ change;
  return altered;
}
