import type { Crypto, Signer } from "@voltfog/runtime";
import { assert, equalBytes } from "@voltfog/runtime";
import type { Engine, EngineInput, Step } from "../engine.ts";
import { becomeRipe, startHeight } from "./height.ts";
import { takeMessage } from "./intake.ts";
import type { PoaMessage } from "./message.ts";
import { takeBuiltBlock } from "./proposing.ts";
import { becomeDue, changeRound, sendAgain } from "./rounds.ts";
import { type PoaRules, qbftRules } from "./rules.ts";
import { Signing } from "./signing.ts";
import { initialState, type PoaState } from "./state.ts";
import { advance } from "./transitions.ts";
import { type PoaContext, type PoaTiming, Turn } from "./turn.ts";
import { decodeVoteRecord } from "./vote-record.ts";

export interface PoaOptions {
  readonly chainId: Uint8Array;
  readonly crypto: Crypto;
  readonly signer: Signer;
  readonly timing: PoaTiming;
  /** The digest that binds every byte of a block; undefined where the bytes are not a block. */
  readonly digestOf: (block: Uint8Array) => Uint8Array | undefined;
  /** Only tests and simulations pass others, to see that the checkers notice. */
  readonly rules?: PoaRules;
}

/**
 * The proof-of-authority engine with the message flow of QBFT: one proposal, a round of PREPAREs, a
 * round of COMMITs, and justified round changes. Safe with up to f = ⌊(n − 1) / 3⌋ faulty voters of any
 * kind; live once messages arrive within a round's time.
 */
export function createPoaEngine(options: PoaOptions): Engine<PoaState, PoaMessage> {
  const context: PoaContext = {
    signing: new Signing(options),
    rules: options.rules ?? qbftRules,
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
  context: PoaContext;
  state: PoaState;
  input: EngineInput<PoaMessage>;
}): Step<PoaState, PoaMessage> {
  const { context, state, input } = options;
  const turn = new Turn({ context, state, now_ms: input.now_ms });
  take(turn, input);
  if (turn.state.height > 0) advance(turn);
  return { state: turn.state, effects: turn.effects };
}

function take(turn: Turn, input: EngineInput<PoaMessage>): void {
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
  if (decision !== undefined) return;
  if (timer === "earliest") becomeRipe(turn);
  else if (timer === "idle") becomeDue(turn);
  else if (timer === "round" && due) changeRound(turn, round + 1);
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
