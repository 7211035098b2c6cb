import type { Outcome } from "@voltfog/runtime";
import type { StateTree } from "../../state/state-tree.ts";
import { decodePileContract, type PileContractRecord } from "./pile-contract.ts";
import {
  pileBookName,
  pileContractName,
  pileCurveName,
  pileGroupName,
  pileName,
  pileOrderName,
  pileZonesName,
  zonePilesName,
} from "./pile-names.ts";
import { decodeGroupOrder, type GroupOrder } from "./pile-orders.ts";
import {
  type BookEntry,
  type CurveRecord,
  decodeBook,
  decodeCurve,
  decodePile,
  decodePileOrder,
  decodeZonePiles,
  decodeZones,
  type PileOrderRecord,
  type PileRecord,
} from "./pile-records.ts";

/** What the module wrote under a name itself; undefined where nothing is. */
function read<T>(
  state: StateTree,
  name: string,
  decode: (bytes: Uint8Array) => Outcome<T>,
): T | undefined {
  const value = state.get(name);
  if (value === undefined) return undefined;
  const decoded = decode(value);
  return decoded.ok ? decoded.value : undefined;
}

/** Zones that have a curve, in the order in which they came. */
export function pileZones(state: StateTree): readonly number[] {
  return read(state, pileZonesName, decodeZones) ?? [];
}

export function pileCurve(state: StateTree, zone: number): CurveRecord | undefined {
  return read(state, pileCurveName(zone), decodeCurve);
}

/** Keys of the piles that are offered in a zone, the oldest offer first. */
export function zonePiles(state: StateTree, zone: number): readonly Uint8Array[] {
  return read(state, zonePilesName(zone), decodeZonePiles) ?? [];
}

export function pileOf(state: StateTree, pileKey: Uint8Array): PileRecord | undefined {
  return read(state, pileName(pileKey), decodePile);
}

/** The orders that wait, the best price first, the older first at one price. */
export function pileBook(
  state: StateTree,
  book: { zone: number; day: number; side: "buy" | "sell" },
): readonly BookEntry[] {
  return read(state, pileBookName(book), decodeBook) ?? [];
}

export function pileOrder(state: StateTree, orderId: Uint8Array): PileOrderRecord | undefined {
  return read(state, pileOrderName(orderId), decodePileOrder);
}

export function pileContract(
  state: StateTree,
  contractId: Uint8Array,
): PileContractRecord | undefined {
  return read(state, pileContractName(contractId), decodePileContract);
}

/** Who confirms for an account; undefined where it does so itself. */
export function pileGroup(state: StateTree, account: Uint8Array): GroupOrder | undefined {
  const group = read(state, pileGroupName(account), decodeGroupOrder);
  return group === undefined || group.keys.length === 0 ? undefined : group;
}
