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
export { decodeMessage, encodeMessage } from "./poa/codec.ts";
export type {
  Commit,
  PoaMessage,
  Prepare,
  Proposal,
  RoundChange,
  RoundChangeClaim,
} from "./poa/message.ts";
export { createPoaEngine, type PoaOptions } from "./poa/poa-engine.ts";
export type { PoaState } from "./poa/state.ts";
export type { PoaTiming } from "./poa/turn.ts";
export { proposerOf } from "./proposer.ts";
