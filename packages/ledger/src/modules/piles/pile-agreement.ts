import { deliveredMax_Wh, metersAgree } from "@voltfog/market";
import { equalBytes } from "@voltfog/runtime";
import type { StateTree } from "../../state/state-tree.ts";
import type { TransactionContext, Verdict } from "../module.ts";
import { encodePileContract, type PileContractRecord } from "./pile-contract.ts";
import { pileLimits } from "./pile-limits.ts";
import { pileContractName } from "./pile-names.ts";
import type { DeliverOrder, HashOrder, SignOrder } from "./pile-orders.ts";
import { encodeContractResult } from "./pile-results.ts";
import { pileContract } from "./pile-state.ts";
import { pileTermsHash } from "./pile-terms.ts";

/** When each step of a contract must be done. */
export function deadlinesOf({ made_ms, window }: PileContractRecord): {
  signBy_ms: number;
  readBy_ms: number;
  confirmBy_ms: number;
} {
  const { signLife_ms, readLife_ms, confirmLife_ms } = pileLimits;
  const readBy_ms = window.to_ms + readLife_ms;
  return {
    signBy_ms: Math.min(made_ms + signLife_ms, window.to_ms),
    readBy_ms,
    confirmBy_ms: readBy_ms + confirmLife_ms,
  };
}

/** Whose key it is in this contract. */
export function partyOf(
  { buyer, owner }: PileContractRecord,
  key: Uint8Array,
): "buyer" | "owner" | undefined {
  if (equalBytes(buyer, key)) return "buyer";
  return equalBytes(owner, key) ? "owner" : undefined;
}

/** The contract's new record, as state and result. */
export function kept(
  state: StateTree,
  contractId: Uint8Array,
  contract: PileContractRecord,
): Verdict {
  return {
    code: "OK",
    state: state.with(pileContractName(contractId), encodePileContract(contract)),
    data: encodeContractResult({ contractId, contract }),
  };
}

/** Code for a step that a contract's state does not allow (any more, or yet). */
export function stateCode(contract: PileContractRecord): string {
  switch (contract.state) {
    case "proposed":
      return "NOT_SIGNED";
    case "signed":
      return "NOT_METERED";
    case "metered":
      return "ALREADY_METERED";
    case "disputed":
      return "DISPUTED";
    default:
      return "CONTRACT_CLOSED";
  }
}

/** One party's signature under the terms, which its transaction carries by their hash. */
export function signContract(
  state: StateTree,
  { sender, time_ms, genesis, crypto }: TransactionContext,
  { contractId, termsHash }: SignOrder,
): Verdict {
  const contract = pileContract(state, contractId);
  if (contract === undefined) return { code: "CONTRACT_UNKNOWN" };
  const party = partyOf(contract, sender.key);
  if (party === undefined) return { code: "NOT_AUTHORISED" };
  if (contract.signed[party]) return { code: "ALREADY_SIGNED" };
  if (contract.state !== "proposed") return { code: "CONTRACT_CLOSED" };
  if (time_ms > deadlinesOf(contract).signBy_ms) return { code: "CONTRACT_EXPIRED" };
  const { chainId } = genesis;
  if (!equalBytes(termsHash, pileTermsHash({ chainId, contractId, contract }, crypto))) {
    return { code: "TERMS_DIFFER" };
  }
  const signed = { ...contract.signed, [party]: true };
  const isSigned = signed.buyer && signed.owner;
  return kept(state, contractId, { ...contract, signed, state: isSigned ? "signed" : "proposed" });
}

/** One meter's count, once: that of the pile by its key, that of the vehicle by the buyer's. */
export function deliver(
  state: StateTree,
  { sender, time_ms }: TransactionContext,
  { contractId, energy_Wh }: DeliverOrder,
): Verdict {
  const contract = pileContract(state, contractId);
  if (contract === undefined) return { code: "CONTRACT_UNKNOWN" };
  const isPile = equalBytes(contract.pileKey, sender.key);
  if (!isPile && !equalBytes(contract.buyer, sender.key)) return { code: "NOT_AUTHORISED" };
  const earlier = isPile ? contract.given_Wh : contract.received_Wh;
  if (earlier !== undefined) return { code: "ALREADY_METERED" };
  if (contract.state !== "signed") return { code: stateCode(contract) };
  if (time_ms < contract.window.from_ms) return { code: "TOO_EARLY" };
  if (time_ms > deadlinesOf(contract).readBy_ms) return { code: "CONTRACT_EXPIRED" };
  if (energy_Wh > deliveredMax_Wh(contract.energy_Wh)) return { code: "ENERGY_ABSURD" };
  const read = isPile
    ? { ...contract, given_Wh: energy_Wh }
    : { ...contract, received_Wh: energy_Wh };
  return kept(state, contractId, { ...read, state: stateRead(read) });
}

function stateRead({ given_Wh, received_Wh }: PileContractRecord): PileContractRecord["state"] {
  if (given_Wh === undefined || received_Wh === undefined) return "signed";
  return metersAgree(given_Wh, received_Wh) ? "metered" : "disputed";
}

/** A party does not agree with what happened: from here on the authority decides. */
export function dispute(
  state: StateTree,
  { sender, time_ms }: TransactionContext,
  { contractId }: HashOrder,
): Verdict {
  const contract = pileContract(state, contractId);
  if (contract === undefined) return { code: "CONTRACT_UNKNOWN" };
  if (partyOf(contract, sender.key) === undefined) return { code: "NOT_AUTHORISED" };
  const isOpen = contract.state === "signed" || contract.state === "metered";
  if (!isOpen) return { code: stateCode(contract) };
  if (time_ms < contract.window.from_ms) return { code: "TOO_EARLY" };
  if (time_ms > deadlinesOf(contract).confirmBy_ms) return { code: "CONTRACT_EXPIRED" };
  return kept(state, contractId, { ...contract, state: "disputed" });
}
