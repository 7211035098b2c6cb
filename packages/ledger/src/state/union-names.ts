import { toHex } from "@voltfog/runtime";

/** Terms and tariff of the union, and how often its rewards were paid. */
export const unionName = "union";

/** The organisations that ever joined the union, in that order. */
export const unionOperatorsName = "union-operators";

export function operatorName(organisation: string): string {
  return `operator/${organisation}`;
}

/** For whom a key operates, for ever. */
export function operatorKeyName(key: Uint8Array): string {
  return `operator-key/${toHex(key)}`;
}

export function chargePointName(key: Uint8Array): string {
  return `charge-point/${toHex(key)}`;
}

/** The key of an operator's charge point by its number from 1. */
export function chargePointNumberName(point: { organisation: string; number: number }): string {
  return `charge-point-number/${point.organisation}/${point.number}`;
}

/** The key that an operator's pile has, or had last. */
export function chargePointPileName(point: { organisation: string; pileId: string }): string {
  return `charge-point-pile/${point.organisation}/${point.pileId}`;
}

/** What an account has delegated to an organisation. */
export function delegationName(one: { organisation: string; key: Uint8Array }): string {
  return `delegation/${one.organisation}/${toHex(one.key)}`;
}

/** What weights of turns were drawn from the union's money at the end of the last term. */
export const termWeightsName = "term-weights";
