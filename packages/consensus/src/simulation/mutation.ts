import type { EngineChoice, EngineName } from "@voltfog/ledger";
import type { Engine, Step } from "../engine.ts";
import type { VoteMessage } from "../voting/message.ts";
import type { VotingRules } from "../voting/rules.ts";
import type { VotingState } from "../voting/state.ts";
import type { ElectorateMistakes } from "./light-electorate.ts";

export type VotingEngine = Engine<VotingState, VoteMessage>;

/** A known mistake of the field, built into every correct voter. */
export interface Mutation {
  /** Checkers that may object to it; an objection of any other is no catch. */
  readonly caughtBy: readonly string[];
  /** The engines that can make it; every one where not given. */
  readonly engines?: readonly EngineName[];
  readonly rules?: (rules: VotingRules, engine: EngineChoice) => VotingRules;
  /** Changes what the engine takes in, where a rule alone does not reach. */
  readonly engine?: (engine: VotingEngine) => VotingEngine;
  readonly forgetsVotes?: boolean;
  readonly takesReplays?: boolean;
  readonly sendsUnwritten?: boolean;
  readonly mistakes?: ElectorateMistakes;
  /** Only every second voter makes the mistake. */
  readonly isOfSome?: boolean;
}

/** Lets `change` look at each message before the engine does. */
export function onMessage(
  engine: VotingEngine,
  change: (state: VotingState, message: VoteMessage) => VotingState | "dropped",
): VotingEngine {
  return {
    restore: engine.restore,
    step(state, input): Step<VotingState, VoteMessage> {
      if (input.type !== "message") return engine.step(state, input);
      const changed = change(state, input.message);
      return changed === "dropped" ? { state, effects: [] } : engine.step(changed, input);
    },
  };
}
