import { toHex } from "@voltfog/runtime";

/** The state's list of the zones that have a curve. */
export const pileZonesName = "pile-zones";

export function pileCurveName(zone: number): string {
  return `pile-curve/${zone}`;
}

/** The state's list of the piles that are offered in a zone, the oldest offer first. */
export function zonePilesName(zone: number): string {
  return `pile-zone/${zone}`;
}

/** The state's record of a pile, by its meter's key. */
export function pileName(pileKey: Uint8Array): string {
  return `pile/${toHex(pileKey)}`;
}

/** The state's index of limit orders that wait, the best price first; day counts UTC days since 1970. */
export function pileBookName(book: { zone: number; day: number; side: "buy" | "sell" }): string {
  return `pile-book/${book.zone}/${book.day}/${book.side}`;
}

export function pileOrderName(orderId: Uint8Array): string {
  return `pile-order/${toHex(orderId)}`;
}

export function pileContractName(contractId: Uint8Array): string {
  return `pile-contract/${toHex(contractId)}`;
}

/** The state's record of who confirms for an account. */
export function pileGroupName(account: Uint8Array): string {
  return `pile-group/${toHex(account)}`;
}
