import { assert, equalBytes } from "@voltfog/runtime";
import { type Prepare, type RoundChange, type RoundChangeClaim, sentDigest } from "./message.ts";
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
  const { signing, flow } = turn.context;
  const vote = { height, round, voter: self, digest };
  const own = flow.isPrepareProposed ? ownPrepare(turn, vote) : undefined;
  const content = { ...vote, block, claims, prepares };
  const { unshown } = turn.state;
  const proposal = signing.signProposal(voterSet.epoch, {
    ...content,
    ...(own === undefined ? {} : { prepare: own.signature }),
    ...(unshown === undefined ? {} : { parent: unshown }),
  });
  turn.set({ proposed: new Map(turn.state.proposed).set(round, digest), unshown: undefined });
  const proposalDelay_ms = Math.max(0, Math.round(turn.now_ms - due_ms));
  turn.setVotes(round, { proposal, proposalDelay_ms });
  turn.broadcast(proposal);
}

/**
 * The proposer's PREPARE, said before the application looks at the block again: the voter built it itself, or
 * a quorum prepared it. What was prepared in this round before a restart is said again and nothing else.
 */
function ownPrepare(
  turn: Turn,
  vote: { height: number; round: number; voter: number; digest: Uint8Array },
): Prepare {
  const { round, voter, digest } = vote;
  turn.persist({ type: "prepare", height: vote.height, round, digest });
  const prepare = turn.context.signing.signPrepare(turn.state.voterSet.epoch, vote);
  turn.setVotes(round, { prepares: new Map(turn.votes(round).prepares).set(voter, prepare) });
  return prepare;
}

function justification(turn: Turn): Justification | undefined {
  if (turn.state.round === 0) return unconditional;
  // A round change whose block nobody sent cannot be followed; a quorum of the others is as good.
  const usable = [...turn.votes().roundChanges.values()].filter(
    (change) => change.claim.prepared === undefined || blockOf(turn, change) !== undefined,
  );
  if (usable.length < turn.claimQuorum) return undefined;
  const claims = claimsOf(usable);
  const safe = turn.context.rules.safeBlock(claims, turn.state.voterSet.voters.length);
  if (safe.kind === "fast") {
    // Of so many honest shares one voter at least holds the block; until it sends it, or proposes itself, one waits.
    const block = blockWith(turn, safe.digest);
    return block && { claims, prepares: [], block };
  }
  const holder =
    safe.kind === "prepared"
      ? usable.find(({ claim }) => claim.prepared?.round === safe.round)
      : undefined;
  if (holder === undefined) return { claims, prepares: [], block: undefined };
  return { claims, prepares: holder.prepares, block: blockOf(turn, holder) };
}

/** The prepared block of a round change: sent with it, or known from elsewhere. */
function blockOf(turn: Turn, change: RoundChange): Uint8Array | undefined {
  const digest = change.claim.prepared?.digest;
  if (digest === undefined) return undefined;
  return change.block ?? blockWith(turn, digest);
}

/** A block that this voter holds, that was proposed, or that came with a round change. */
function blockWith(turn: Turn, digest: Uint8Array): Uint8Array | undefined {
  const { prepared, shared, rounds } = turn.state;
  for (const held of [prepared, shared]) {
    if (held !== undefined && equalBytes(held.digest, digest)) return held.block;
  }
  for (const { proposal, roundChanges } of rounds.values()) {
    if (proposal !== undefined && equalBytes(proposal.digest, digest)) return proposal.block;
    for (const other of roundChanges.values()) {
      const held = sentDigest(other.claim);
      if (other.block !== undefined && held !== undefined && equalBytes(held, digest)) {
        return other.block;
      }
    }
  }
  return undefined;
}
