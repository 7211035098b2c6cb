import { equalBytes } from "@voltfog/runtime";
import type { Commit, Prepare, Proposal } from "./message.ts";
import type { Turn } from "./turn.ts";

/** A statement of which a voter makes one for each height and round. */
export type Vote = Proposal | Prepare | Commit;

/** Two signed statements for one slot are evidence; which of them came first says nothing. [E1] */
export function noteContradiction(turn: Turn, messages: readonly [Vote, Vote]): void {
  const [known, other] = messages;
  if (known.voter !== other.voter || equalBytes(known.digest, other.digest)) return;
  const { voterSet } = turn.state;
  const { signing } = turn.context;
  if (!signing.verify(voterSet, other)) return;
  const { voter, height } = known;
  const equivocation = {
    voteKey: voterSet.voters[voter]?.key ?? new Uint8Array(32),
    first: signing.statement(voterSet.epoch, known),
    second: signing.statement(voterSet.epoch, other),
  };
  turn.emit({ type: "evidence", voter, height, messages, equivocation });
}
