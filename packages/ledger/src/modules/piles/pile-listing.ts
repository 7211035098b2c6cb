import { ByteWriter, type Crypto, equalBytes, type Signer, utf8 } from "@voltfog/runtime";
import type { StateTree } from "../../state/state-tree.ts";
import { isOpened, isSuspended } from "../account-holders.ts";
import type { TransactionContext } from "../module.ts";
import { pileLimits } from "./pile-limits.ts";
import { pileName, zonePilesName } from "./pile-names.ts";
import type { DailyWindow, ListOrder, PileTerms } from "./pile-orders.ts";
import { encodePile, encodeZonePiles, piledMax } from "./pile-records.ts";
import { pileCurve, pileOf, zonePiles } from "./pile-state.ts";

const domain = utf8("voltfog/pile/1\n");

function message(chainId: Uint8Array, owner: Uint8Array): Uint8Array {
  return new ByteWriter().raw(domain).raw(chainId).raw(owner).finish();
}

/** The offer of a pile with its own word that it belongs to this owner on this chain. */
export function signPile(options: {
  chainId: Uint8Array;
  owner: Uint8Array;
  terms: PileTerms;
  /** Of the pile's meter. */
  signer: Signer;
}): ListOrder {
  const { chainId, owner, terms, signer } = options;
  return { pileKey: signer.publicKey, possession: signer.sign(message(chainId, owner)), terms };
}

/** Costs one verification. */
export function verifyPile(options: {
  order: ListOrder;
  chainId: Uint8Array;
  owner: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { order, chainId, owner, crypto } = options;
  const { pileKey: publicKey, possession: signature } = order;
  return crypto.verify({ publicKey, message: message(chainId, owner), signature });
}

/** Offers a pile, changes what is offered, or takes it off the market; what is booked stays booked. */
export function listPile(
  state: StateTree,
  { sender, genesis, crypto }: TransactionContext,
  order: ListOrder,
): StateTree | string {
  const { pileKey, terms } = order;
  if (!isOpened(state, sender.key)) return "ACCOUNT_UNKNOWN";
  const problem = termsProblem(terms);
  if (problem !== undefined) return problem;
  if (pileCurve(state, terms.zone) === undefined) return "ZONE_UNKNOWN";
  const before = pileOf(state, pileKey);
  if (before !== undefined && !equalBytes(before.owner, sender.key)) return "PILE_TAKEN";
  if (isOpened(state, pileKey)) return "KEY_TAKEN";
  const { chainId } = genesis;
  if (!verifyPile({ order, chainId, owner: sender.key, crypto })) {
    return "PROOF_OF_POSSESSION_INVALID";
  }
  const left = before === undefined ? state : withoutOffer(state, before.terms.zone, pileKey);
  const isOffered = terms.windows.length > 0;
  const offered = isOffered ? withOffer({ state, left, zone: terms.zone, pileKey }) : left;
  if (offered === undefined) return "ZONE_FULL";
  const record = { owner: sender.key, terms, bookings: before?.bookings ?? [] };
  return offered.with(pileName(pileKey), encodePile(record));
}

/** Keeps its place in a zone where it was offered before. */
function withOffer(options: {
  state: StateTree;
  left: StateTree;
  zone: number;
  pileKey: Uint8Array;
}): StateTree | undefined {
  const { state, left, zone, pileKey } = options;
  if (zonePiles(state, zone).some((one) => equalBytes(one, pileKey))) {
    return left.with(zonePilesName(zone), encodeZonePiles(zonePiles(state, zone)));
  }
  const all = zonePiles(left, zone);
  // Offers of suspended owners trade with nobody: they make room.
  const others = all.length < piledMax ? all : all.filter((one) => isActive(left, one));
  if (others.length >= piledMax) return undefined;
  return left.with(zonePilesName(zone), encodeZonePiles([...others, pileKey]));
}

function isActive(state: StateTree, pileKey: Uint8Array): boolean {
  const pile = pileOf(state, pileKey);
  return pile !== undefined && !isSuspended(state, pile.owner);
}

function withoutOffer(state: StateTree, zone: number, pileKey: Uint8Array): StateTree {
  const piles = zonePiles(state, zone);
  const others = piles.filter((one) => !equalBytes(one, pileKey));
  if (others.length === piles.length) return state;
  return state.with(zonePilesName(zone), encodeZonePiles(others));
}

function termsProblem(terms: PileTerms): string | undefined {
  const { power_W, floorPricePerKWh, valleyPricePerKWh, peakPricePerKWh } = terms;
  if (power_W < 1 || power_W > pileLimits.powerMax_W) return "POWER_ABSURD";
  const dearest = Math.max(floorPricePerKWh, valleyPricePerKWh, peakPricePerKWh);
  if (dearest > pileLimits.pricePerKWhMax) return "PRICE_ABSURD";
  return areWindows(terms.windows) ? undefined : "WINDOW_INVALID";
}

/** Sorted, none empty, apart from each other, within a day. */
function areWindows(windows: readonly DailyWindow[]): boolean {
  return windows.every(({ from_min, to_min }, i) => {
    const before_min = windows[i - 1]?.to_min ?? 0;
    return before_min <= from_min && from_min < to_min && to_min <= 1440;
  });
}
