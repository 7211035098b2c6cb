import { SeededRandom } from "@voltfog/runtime";

/**
 * A source of chance of its own for one purpose of one vehicle, so that drawing more for one purpose
 * moves no other. Seeds are mixed by the finaliser of MurmurHash3 (A. Appleby, public domain).
 */
export function randomStream(o: { seed: number; vehicle: number; purpose: number }): SeededRandom {
  let mixed = o.seed >>> 0;
  for (const part of [o.vehicle, o.purpose]) {
    mixed = (mixed ^ Math.imul(part + 1, 0x9e3779b1)) >>> 0;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed = (mixed ^ (mixed >>> 16)) >>> 0;
  }
  return new SeededRandom(mixed);
}
