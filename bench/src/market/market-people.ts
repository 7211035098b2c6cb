import type { Position } from "@voltfog/market";
import type { Signer } from "@voltfog/runtime";
import { signerOfSeed } from "@voltfog/runtime/node";

/** Somebody with an account, a vehicle and a charge point that nobody else uses. */
export interface Person {
  readonly signer: Signer;
  readonly vehicle: Signer;
  readonly chargePoint: Signer;
}

/** One transaction that somebody may send. */
export interface Order {
  readonly by: Signer;
  readonly module: number;
  readonly action: number;
  readonly payload: Uint8Array;
}

/** Millionths of a degree between neighbouring meeting points. */
const raster = 1_000_000;
const columns = 100;

export const authority: Signer = seeded(204, 0);
export const operator: Signer = seeded(205, 0);

/** A place for one pair of neighbours: the way to any other costs more than a trade brings. */
export function homeOf(pair: number): Position {
  return {
    kind: "earth",
    east: raster * ((pair % columns) - columns / 2),
    north: raster * (Math.floor(pair / columns) - columns / 4),
  };
}

export function person(index: number): Person {
  return {
    signer: seeded(201, index),
    vehicle: seeded(202, index),
    chargePoint: seeded(203, index),
  };
}

function seeded(kind: number, index: number): Signer {
  const seed = new Uint8Array(32).fill(kind);
  new DataView(seed.buffer).setUint32(0, index);
  return signerOfSeed(seed);
}
