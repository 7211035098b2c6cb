import { assert, equalBytes } from "@voltfog/runtime";
import type { Prepare, RoundChange, RoundChangeClaim } from "./message.ts";
import { highestPrepared } from "./rules.ts";
import { claimsOf } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Why this voter may propose in the current round, and what, where the choice is not its own. */
interface Justification {
  readonly claims: readonly RoundChangeClaim[];
  readonly prepares: readonly Prepare[];
  /** The block that must be proposed again; undefined where any block may stand. */
  readonly block: Uint8Array | undefined;
}

const unconditional: Justification = { claims: [], prepares: [], block: undefined };

/** When it is this voter's turn: proposes the prepared block again, or asks for a new one. [P4] */
export function propose(turn: Turn): boolean {
  const { self, due, height, round, proposed, building, parent } = turn.state;
  if (!due || self === undefined || self !== turn.proposer()) return false;
  if (proposed.has(round) || building === round) return false;
  const why = justification(turn);
  if (why === undefined) return false;
  if (why.block !== undefined) {
    sendProposal(turn, { ...why, block: why.block });
  } else {
    turn.set({ building: round });
    turn.emit({ type: "build-proposal", height, round, parent: parent?.decision });
  }
  return true;
}

/** The application's new block; by now a round change may have brought one that goes first. */
export function takeBuiltBlock(
  turn: Turn,
  built: { height: number; round: number; block: Uint8Array },
): void {
  const { height, round, building, decision } = turn.state;
  if (built.height !== height || built.round !== round || building !== round) return;
  if (decision !== undefined) return;
  turn.set({ building: undefined });
  const why = justification(turn);
  if (why !== undefined) sendProposal(turn, { ...why, block: why.block ?? built.block });
}

function sendProposal(turn: Turn, options: Justification & { block: Uint8Array }): void {
  const { height, round, self, voterSet, due_ms } = turn.state;
  assert(self !== undefined, "only a voter proposes");
  const { block, claims, prepares } = options;
  const digest = turn.context.digestOf(block);
  assert(digest !== undefined, "the application builds blocks that have a digest");
  turn.persist({ type: "proposal", height, round, digest });
  const content = { height, round, voter: self, digest, block, claims, prepares };
  const proposal = turn.context.signing.signProposal(voterSet.epoch, content);
  turn.set({ proposed: new Map(turn.state.proposed).set(round, digest) });
  const proposalDelay_ms = Math.max(0, Math.round(turn.now_ms - due_ms));
  turn.setVotes(round, { proposal, proposalDelay_ms });
  turn.broadcast(proposal);
}

function justification(turn: Turn): Justification | undefined {
  if (turn.state.round === 0) return unconditional;
  // A round change whose block nobody sent cannot be followed; a quorum of the others is as good.
  const usable = [...turn.votes().roundChanges.values()].filter(
    (change) => change.claim.prepared === undefined || blockOf(turn, change) !== undefined,
  );
  if (usable.length < turn.quorum) return undefined;
  const claims = claimsOf(usable);
  const highest = highestPrepared(claims);
  const holder = usable.find(({ claim }) => claim.prepared?.round === highest);
  if (highest === undefined || holder === undefined) {
    return { claims, prepares: [], block: undefined };
  }
  return { claims, prepares: holder.prepares, block: blockOf(turn, holder) };
}

/** The prepared block of a round change: sent with it, or known from an earlier proposal. */
function blockOf(turn: Turn, change: RoundChange): Uint8Array | undefined {
  const digest = change.claim.prepared?.digest;
  if (digest === undefined) return undefined;
  if (change.block !== undefined) return change.block;
  const { prepared, rounds } = turn.state;
  if (prepared !== undefined && equalBytes(prepared.digest, digest)) return prepared.block;
  for (const { proposal, roundChanges } of rounds.values()) {
    if (proposal !== undefined && equalBytes(proposal.digest, digest)) return proposal.block;
    for (const other of roundChanges.values()) {
      const held = other.claim.prepared?.digest;
      if (other.block !== undefined && held !== undefined && equalBytes(held, digest)) {
        return other.block;
      }
    }
  }
  return undefined;
}
