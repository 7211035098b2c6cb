import { defaultEngine, type EngineChoice } from "@voltfog/ledger";
import type { Crypto, Signer } from "@voltfog/runtime";
import { assert, equalBytes } from "@voltfog/runtime";
import type { Engine, EngineInput, Step } from "../engine.ts";

import { endWait } from "./fast-path.ts";
import { flowOf } from "./flow.ts";
import { becomeRipe, startHeight } from "./height.ts";
import { showHeld } from "./holding.ts";
import { takeMessage } from "./intake.ts";
import type { VoteMessage } from "./message.ts";
import { takeBuiltBlock } from "./proposing.ts";
import { becomeDue, changeRound, sendAgain } from "./rounds.ts";
import { rulesOf, type VotingRules } from "./rules.ts";
import { Signing } from "./signing.ts";
import { initialState, type VotingState } from "./state.ts";
import { advance } from "./transitions.ts";
import { Turn, type VotingContext, type VotingTiming } from "./turn.ts";
import { decodeVoteRecord } from "./vote-record.ts";

export interface EngineOptions {
  readonly chainId: Uint8Array;
  readonly crypto: Crypto;
  readonly signer: Signer;
  readonly timing: VotingTiming;
  /** The digest that binds every byte of a block; undefined where the bytes are not a block. */
  readonly digestOf: (block: Uint8Array) => Uint8Array | undefined;
  /** Which engine the voters run, all of them the same; `poa` where not given. */
  readonly engine?: EngineChoice;
  /** Only tests and simulations pass others, to see that the checkers notice. */
  readonly rules?: VotingRules;
}

/**
 * The engine of a chain's choice: one proposal, PREPAREs, COMMITs, and justified round changes as in QBFT,
 * with the engine's own flow of messages. Safe with up to f faulty voters of any kind (faultyMaxOf); live
 * once messages arrive within a round's time.
 */
export function createEngine(options: EngineOptions): Engine<VotingState, VoteMessage> {
  const { engine = defaultEngine } = options;
  const context: VotingContext = {
    engine,
    flow: flowOf(engine.name),
    signing: new Signing(options),
    rules: options.rules ?? rulesOf(engine),
    timing: options.timing,
    digestOf: options.digestOf,
  };
  return {
    restore: (records) => initialState(records.map(readRecord)),
    step: (state, input) => step({ context, state, input }),
  };
}

/** The vote store checks every record's sum, so one that does not read is a fault of our own. */
function readRecord(bytes: Uint8Array): ReturnType<typeof initialState>["restored"][number] {
  const record = decodeVoteRecord(bytes);
  assert(record.ok, "every stored vote reads");
  return record.value;
}

function step(options: {
  context: VotingContext;
  state: VotingState;
  input: EngineInput<VoteMessage>;
}): Step<VotingState, VoteMessage> {
  const { context, state, input } = options;
  const turn = new Turn({ context, state, now_ms: input.now_ms });
  take(turn, input);
  if (turn.state.height > 0) advance(turn);
  return { state: turn.state, effects: turn.effects };
}

function take(turn: Turn, input: EngineInput<VoteMessage>): void {
  switch (input.type) {
    case "height-started":
      startHeight(turn, input);
      break;
    case "message":
      if (turn.state.height > 0) takeMessage(turn, input.message);
      break;
    case "timer":
      takeTimer(turn, input.timer);
      break;
    case "transactions-waiting":
      turn.set({ transactionsWaiting: true });
      if (turn.state.ripe) becomeDue(turn);
      break;
    case "proposal-built":
      takeBuiltBlock(turn, input);
      break;
    case "block-checked":
      takeVerdict(turn, input);
      break;
    case "peer-connected":
      sendAgain(turn, [input.voter]);
      break;
  }
}

function takeTimer(turn: Turn, timer: string): void {
  const { decision, round, due } = turn.state;
  if (timer === "show") showHeld(turn);
  if (decision !== undefined) return;
  if (timer === "earliest") becomeRipe(turn);
  else if (timer === "idle") becomeDue(turn);
  else if (timer === "round" && due) changeRound(turn, round + 1);
  else if (timer === "fast") endWait(turn);
  else if (timer === "resend") {
    sendAgain(turn, turn.others());
    turn.emit({ type: "set-timer", timer: "resend", delay_ms: turn.context.timing.resend_ms });
  }
}

function takeVerdict(
  turn: Turn,
  checked: { height: number; round: number; digest: Uint8Array; valid: boolean },
): void {
  if (checked.height !== turn.state.height) return;
  const { proposal, verdict } = turn.votes(checked.round);
  if (proposal === undefined || verdict !== "asked") return;
  if (!equalBytes(proposal.digest, checked.digest)) return;
  turn.setVotes(checked.round, { verdict: checked.valid ? "valid" : "invalid" });
}
