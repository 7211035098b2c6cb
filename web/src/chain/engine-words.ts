import type { ChainView } from "@voltfog/messages";

/** How each engine comes to a decision, as the pages say it. */
const ways: Readonly<Record<ChainView["engine"], string>> = {
  poa: "validators take turns to propose, by how well they serve, and all hear each other's votes",
  pbft: "one leader proposes until it fails, and all hear each other's votes",
  linear: "one leader proposes until it fails, gathers the votes and shows certificates of them",
  sbft: "one leader proposes until it fails and gathers the votes; where enough answer, one round of votes decides",
  hotstuff: "the leader changes with each block, and each gathers the votes of the one before",
};

/** Which engine decides this chain's blocks, and how many seals it takes. */
export function engineSentence(chain: ChainView): string {
  const { engine, redundant, quorum, validators, faultyMax, fastQuorum } = chain;
  const name = redundant === 0 ? engine : `${engine} with ${redundant} redundant`;
  const fast = fastQuorum === null ? "" : `, or ${fastQuorum} on the fast path`;
  const bears =
    faultyMax === 0 ? "none may be faulty" : `up to ${faultyMax} may be faulty in any way`;
  return `Engine ${name}: ${ways[engine]}. ${quorum} of ${validators} seals make a block final${fast}; ${bears}.`;
}
