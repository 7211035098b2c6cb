import { equalBytes } from "@voltfog/runtime";
import { isSigned, slotOf, type VoteMessage } from "../voting/message.ts";
import { Signing } from "../voting/signing.ts";
import type { Consortium } from "./consortium.ts";
import type { Checker, SimulationEvent } from "./events.ts";
import { FinalChain } from "./final-chain.ts";
import { simulatedCrypto, simulatedSigner } from "./keyed-hash.ts";
import { seatOf } from "./light-electorate.ts";

type Event<T extends SimulationEvent["type"]> = Extract<SimulationEvent, { type: T }>;

/** A little less than what the engine keeps, since it may move on within the step. */
const roundsBehind = 3;
const roundsAhead = 7;

/**
 * Whoever signs two votes for one slot, and says both to one correct voter while that one is at their
 * height, is accused by it; and nobody is accused without two such votes under its key. Votes are
 * PREPAREs and COMMITs: a proposal whose justification does not hold is not kept.
 */
export function accusations(consortium: Consortium): Checker {
  const { chainId } = consortium;
  const chain = new FinalChain(consortium);
  const signing = new Signing({ chainId, crypto: simulatedCrypto, signer: simulatedSigner(0) });
  /** By hearer, then by slot. */
  const heard = new Map<number, Map<string, Uint8Array>>();
  const accused = new Set<string>();
  const due = new Set<string>();

  function isAuthentic(message: VoteMessage): boolean {
    if (!isSigned(message)) return false;
    const voterSet = chain.votersAt(slotOf(message).height);
    return voterSet !== undefined && signing.verify(voterSet, message);
  }

  function hear({ voter, height, round, message }: Event<"heard">): void {
    if (message.type !== "prepare" && message.type !== "commit") return;
    if (!isNear(message, { height, round })) return;
    const slot = `${message.type} ${message.height} ${message.round} ${message.voter}`;
    const slots = heard.get(voter) ?? new Map<string, Uint8Array>();
    heard.set(voter, slots);
    const known = slots.get(slot);
    if (known !== undefined && equalBytes(known, message.digest)) return;
    const voterSet = chain.votersAt(message.height);
    if (voterSet === undefined || !signing.verify(voterSet, message)) return;
    if (known === undefined) slots.set(slot, message.digest);
    else due.add(`${voter} ${seatOf(voterSet, message.voter)}`);
  }

  function accusationProblem({ voter, by, messages }: Event<"accused">): string | undefined {
    accused.add(`${by} ${voter}`);
    const [one, other] = messages;
    const [a, b] = [slotOf(one), slotOf(other)];
    const voterSet = chain.votersAt(a.height);
    const isOneSlot =
      one.type === other.type &&
      a.height === b.height &&
      a.round === b.round &&
      a.voter === b.voter;
    const isContradiction = isOneSlot && one.type !== "round-change" && isOther(one, other);
    const isRight = voterSet !== undefined && seatOf(voterSet, a.voter) === voter;
    if (isContradiction && isRight && isAuthentic(one) && isAuthentic(other)) return undefined;
    return `voter ${by} accuses ${voter} of what it did not sign`;
  }

  return {
    invariant: "accusations",
    observe(event) {
      chain.learn(event);
      if (event.type === "heard") hear(event);
      else if (event.type === "accused") return accusationProblem(event);
      else if (event.type === "crashed") heard.delete(event.voter);
      else if (event.type === "ended") {
        const missing = [...due].find((pair) => !accused.has(pair));
        const [by, voter] = missing?.split(" ") ?? [];
        return missing && `voter ${by} heard two votes of ${voter} for one slot and kept it quiet`;
      }
      return undefined;
    },
  };
}

function isNear(
  vote: { readonly height: number; readonly round: number },
  at: { height: number; round: number },
): boolean {
  const ahead = vote.round - at.round;
  return vote.height === at.height && ahead >= -roundsBehind && ahead <= roundsAhead;
}

function isOther(one: VoteMessage, other: VoteMessage): boolean {
  if (one.type === "round-change" || other.type === "round-change") return false;
  return !equalBytes(one.digest, other.digest);
}
