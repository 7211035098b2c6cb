export type {
  CommitSeal,
  Decision,
  Engine,
  EngineEffect,
  EngineInput,
  HeightStarted,
  Step,
  Voter,
  VoterSet,
} from "./engine.ts";
export { proposerOf } from "./proposer.ts";
export { type AgreedReply, agreedReply } from "./replies/agreed-reply.ts";
export { ReplyTally } from "./replies/reply-tally.ts";
export { decodeMessage, encodeMessage } from "./voting/codec.ts";
export type {
  Commit,
  Prepare,
  Proposal,
  RoundChange,
  RoundChangeClaim,
  VoteMessage,
} from "./voting/message.ts";
export type { VotingState } from "./voting/state.ts";
export type { VotingTiming } from "./voting/turn.ts";
export { createEngine, type EngineOptions } from "./voting/voting-engine.ts";
