import {
  decodeRingSignature,
  deliveredMax_Wh,
  sellTo,
  settleDeviation,
  verifyRing,
} from "@voltfog/market";
import { equalBytes } from "@voltfog/runtime";
import type { StateTree } from "../../state/state-tree.ts";
import { isAuthority } from "../account-authority.ts";
import { moveMoney } from "../account-money.ts";
import type { TransactionContext, Verdict } from "../module.ts";
import { deadlinesOf, kept, partyOf, stateCode } from "./pile-agreement.ts";
import type { PileContractRecord } from "./pile-contract.ts";
import { pilesPot } from "./pile-draft.ts";
import { pileCurveName, pileName } from "./pile-names.ts";
import type { HashOrder, ResolveOrder, RingConfirmOrder } from "./pile-orders.ts";
import { encodeCurve, encodePile } from "./pile-records.ts";
import { pileContract, pileCurve, pileGroup, pileOf } from "./pile-state.ts";
import { confirmStatement } from "./pile-terms.ts";

type Party = "buyer" | "owner";

/** A party agrees with both readings; the second one's word pays. */
export function confirm(
  state: StateTree,
  context: TransactionContext,
  contractId: Uint8Array,
): Verdict {
  const contract = pileContract(state, contractId);
  if (contract === undefined) return { code: "CONTRACT_UNKNOWN" };
  const party = partyOf(contract, context.sender.key);
  if (party === undefined) return { code: "NOT_AUTHORISED" };
  const problem = confirmProblem(contract, party, context);
  if (problem !== undefined) return { code: problem };
  if (pileGroup(state, context.sender.key) !== undefined) return { code: "GROUP_CONFIRMS" };
  return confirmed({ state, context, contractId, contract, party });
}

function confirmProblem(
  contract: PileContractRecord,
  party: Party,
  { time_ms }: TransactionContext,
): string | undefined {
  if (contract.confirmed[party]) return "ALREADY_CONFIRMED";
  if (contract.state !== "metered") return stateCode(contract);
  return time_ms > deadlinesOf(contract).confirmBy_ms ? "CONTRACT_EXPIRED" : undefined;
}

/** A member of a party's group agrees, and nobody learns which; each key counts once in a contract. */
export function ringConfirm(
  state: StateTree,
  context: TransactionContext,
  { contractId, side, signature: bytes }: RingConfirmOrder,
): Verdict {
  const contract = pileContract(state, contractId);
  if (contract === undefined) return { code: "CONTRACT_UNKNOWN" };
  // A ring costs 20 ms to verify, so whoever brings one is known by name and can be suspended.
  const { key } = context.sender;
  const isKnown = partyOf(contract, key) !== undefined || isAuthority(state, key);
  if (!isKnown) return { code: "NOT_AUTHORISED" };
  const problem = confirmProblem(contract, side, context);
  if (problem !== undefined) return { code: problem };
  const group = pileGroup(state, contract[side]);
  if (group === undefined) return { code: "GROUP_UNKNOWN" };
  const decoded = decodeRingSignature(bytes);
  if (!decoded.ok) return { code: "RING_INVALID" };
  const signature = decoded.value;
  const { image } = signature;
  if (contract.images.some((one) => equalBytes(one.image, image))) return { code: "KEY_USED" };
  const { crypto, genesis } = context;
  const { chainId } = genesis;
  const named = { chainId, contractId, contract, side, ring: group.keys };
  const statement = confirmStatement(named, crypto);
  if (!verifyRing({ statement, signature, crypto })) return { code: "RING_INVALID" };
  const images = [...contract.images, { side, image }];
  const noted = { ...contract, images };
  if (images.filter((one) => one.side === side).length < group.threshold) {
    return kept(state, contractId, noted);
  }
  return confirmed({ state, context, contractId, contract: noted, party: side });
}

function confirmed(options: {
  state: StateTree;
  context: TransactionContext;
  contractId: Uint8Array;
  contract: PileContractRecord;
  party: Party;
}): Verdict {
  const { state, context, contractId, contract, party } = options;
  const both = { ...contract.confirmed, [party]: true };
  const noted = { ...contract, confirmed: both };
  if (!both.buyer || !both.owner) return kept(state, contractId, noted);
  return settled({ state, context, contractId, contract: noted, ...readOf(noted) });
}

/** The lower reading counts: losses between the meters are the owner's. */
function readOf({ given_Wh, received_Wh }: PileContractRecord): {
  delivered_Wh: number;
  isOwnersFault: boolean;
} {
  const delivered_Wh = Math.min(given_Wh ?? 0, received_Wh ?? 0);
  return { delivered_Wh, isOwnersFault: false };
}

/** What happens where parties stay silent; anybody may say that it is time. */
export function timeout(
  state: StateTree,
  context: TransactionContext,
  contractId: Uint8Array,
): Verdict {
  const contract = pileContract(state, contractId);
  if (contract === undefined) return { code: "CONTRACT_UNKNOWN" };
  const { time_ms } = context;
  const { signBy_ms, readBy_ms, confirmBy_ms } = deadlinesOf(contract);
  switch (contract.state) {
    case "proposed":
      if (time_ms <= signBy_ms) return { code: "TOO_EARLY" };
      return voided({ state, context, contractId, contract });
    case "signed":
      if (time_ms <= readBy_ms) return { code: "TOO_EARLY" };
      return unread({ state, context, contractId, contract });
    case "metered":
      if (time_ms <= confirmBy_ms) return { code: "TOO_EARLY" };
      return settled({ state, context, contractId, contract, ...readOf(contract) });
    default:
      return { code: stateCode(contract) };
  }
}

/** No reading: nothing proves a delivery. One: it stands for both, and a day is left to dispute it. */
function unread(closing: Closing): Verdict {
  const { given_Wh, received_Wh } = closing.contract;
  const only_Wh = given_Wh ?? received_Wh;
  if (only_Wh === undefined) return voided(closing);
  const contract: PileContractRecord = {
    ...closing.contract,
    given_Wh: only_Wh,
    received_Wh: only_Wh,
    state: "metered",
  };
  return kept(closing.state, closing.contractId, contract);
}

/** The authority's word on a dispute: what counts as delivered, and whether the owner failed. */
export function resolve(
  state: StateTree,
  context: TransactionContext,
  { contractId, energy_Wh, isOwnersFault }: ResolveOrder,
): Verdict {
  if (!isAuthority(state, context.sender.key)) return { code: "NOT_AUTHORISED" };
  const contract = pileContract(state, contractId);
  if (contract === undefined) return { code: "CONTRACT_UNKNOWN" };
  if (contract.state !== "disputed") return { code: "NOT_DISPUTED" };
  if (energy_Wh > deliveredMax_Wh(contract.energy_Wh)) return { code: "ENERGY_ABSURD" };
  return settled({
    state,
    context,
    contractId,
    contract,
    delivered_Wh: energy_Wh,
    isOwnersFault,
  });
}

/** The settlement desk exported the contract as a row; only now is it complete. */
export function acknowledge(
  state: StateTree,
  { sender }: TransactionContext,
  { contractId, hash }: HashOrder,
): Verdict {
  if (!isAuthority(state, sender.key)) return { code: "NOT_AUTHORISED" };
  const contract = pileContract(state, contractId);
  if (contract === undefined) return { code: "CONTRACT_UNKNOWN" };
  if (contract.state === "complete") return { code: "ALREADY_COMPLETE" };
  if (contract.state !== "settled") return { code: "NOT_SETTLED" };
  return kept(state, contractId, { ...contract, state: "complete", rowHash: hash });
}

interface Closing {
  readonly state: StateTree;
  readonly context: TransactionContext;
  readonly contractId: Uint8Array;
  readonly contract: PileContractRecord;
}

function settled(closing: Closing & { delivered_Wh: number; isOwnersFault: boolean }): Verdict {
  const { contract, contractId, context, delivered_Wh } = closing;
  const { toGrid_Wh, fromGrid_Wh, paid, returned } = settleDeviation({ ...closing, ...contract });
  const { time_ms } = context;
  const settlement = { delivered_Wh, toGrid_Wh, fromGrid_Wh, paid, returned, time_ms };
  const shared = paidOut(closing, { paid, returned });
  return kept(shared, contractId, { ...contract, state: "settled", settlement });
}

function voided(closing: Closing): Verdict {
  const { contract, contractId } = closing;
  const returned = contract.cost + contract.margin;
  return kept(paidOut(closing, { paid: 0, returned }), contractId, { ...contract, state: "void" });
}

/** Money to the owner and back to the buyer; the pile is free again, and the curve's demand is gone. */
function paidOut(
  { state, contract, contractId }: Closing,
  { paid, returned }: { paid: number; returned: number },
): StateTree {
  const first = moveMoney(state, { from: pilesPot, to: contract.owner, amount: paid });
  const second =
    typeof first === "string"
      ? first
      : moveMoney(first, { from: pilesPot, to: contract.buyer, amount: returned });
  // The pot holds what the records say; were it not so, nothing would move.
  return withoutDemand(
    withoutBooking(typeof second === "string" ? state : second, contractId, contract),
    contract,
  );
}

function withoutBooking(
  state: StateTree,
  contractId: Uint8Array,
  { pileKey }: PileContractRecord,
): StateTree {
  const pile = pileOf(state, pileKey);
  if (pile === undefined) return state;
  const bookings = pile.bookings.filter((one) => !equalBytes(one.contractId, contractId));
  return state.with(pileName(pileKey), encodePile({ ...pile, bookings }));
}

/** Energy that was bought at the curve goes back to it: the price falls as it rose. */
function withoutDemand(state: StateTree, contract: PileContractRecord): StateTree {
  const curve = pileCurve(state, contract.zone);
  if (curve === undefined || curve.generation !== contract.curveGeneration) return state;
  const back = sellTo(curve, contract.energy_Wh);
  if (back === undefined) return state;
  return state.with(pileCurveName(curve.zone), encodeCurve({ ...curve, ...back.after }));
}
