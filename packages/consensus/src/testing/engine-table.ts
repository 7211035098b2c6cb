import type { Engine, EngineEffect, EngineInput, VoterSet } from "../engine.ts";
import type { PoaMessage } from "../poa/message.ts";
import { createPoaEngine } from "../poa/poa-engine.ts";
import type { PoaState } from "../poa/state.ts";
import { consortiumOf } from "../simulation/consortium.ts";
import { simulatedCrypto, simulatedSigner } from "../simulation/keyed-hash.ts";

export type Effect<T extends EngineEffect<PoaMessage>["type"] = EngineEffect<PoaMessage>["type"]> =
  EngineEffect<PoaMessage> & { type: T };

/** Blocks here are any bytes; their digest is their hash. */
export const digestOf = (block: Uint8Array): Uint8Array => simulatedCrypto.sha256(block);

export interface Seat {
  readonly engine: Engine<PoaState, PoaMessage>;
  state: PoaState;
  /** Everything this engine asked for, in order. */
  readonly effects: Effect[];
}

/**
 * Engines at one table, without a network: every input is given by hand, so a test can say exactly who
 * heard what. Blocks are valid unless the test says otherwise. For tests.
 */
export class EngineTable {
  readonly voterSet: VoterSet;
  readonly seats: Seat[];
  /** Messages on their way, in the order they were sent. */
  readonly mail: { from: number; to: number; message: PoaMessage }[] = [];
  isValid: (block: Uint8Array) => boolean = () => true;
  now_ms = 0;
  #builds = 0;

  constructor(voters: number) {
    this.voterSet = consortiumOf(voters).voterSet;
    this.seats = this.voterSet.voters.map((_, voter) => {
      const engine = engineOf(voter);
      return { engine, state: engine.restore([]), effects: [] };
    });
  }

  seat(voter: number): Seat {
    const seat = this.seats[voter];
    if (seat === undefined) throw new Error(`no voter ${voter}`);
    return seat;
  }

  startHeight(voter: number, height: number, options: { waiting?: boolean } = {}): void {
    this.give(voter, {
      type: "height-started",
      now_ms: this.now_ms,
      height,
      voterSet: this.voterSet,
      earliest_ms: 0,
      idle_ms: 10_000,
      transactionsWaiting: options.waiting ?? true,
    });
  }

  timer(voter: number, timer: string): void {
    this.give(voter, { type: "timer", now_ms: this.now_ms, timer });
  }

  give(voter: number, input: EngineInput<PoaMessage>): void {
    const seat = this.seat(voter);
    const step = seat.engine.step(seat.state, input);
    seat.state = step.state;
    seat.effects.push(...step.effects);
    for (const effect of step.effects) this.#perform(voter, effect);
  }

  /** Delivers what is on its way and passes the filter, until nothing more is; drops the rest. */
  deliver(passes: (mail: { from: number; to: number; message: PoaMessage }) => boolean): void {
    for (let mail = this.mail.shift(); mail !== undefined; mail = this.mail.shift()) {
      if (!passes(mail)) continue;
      this.give(mail.to, { type: "message", now_ms: this.now_ms, message: mail.message });
    }
  }

  /** A machine that died and came back with the votes that were written. */
  restart(voter: number, height: number): void {
    const records = this.of(voter, "persist").map(({ record }) => record);
    const { engine } = this.seat(voter);
    this.seats[voter] = { engine, state: engine.restore(records), effects: [] };
    this.startHeight(voter, height);
  }

  of<T extends Effect["type"]>(voter: number, type: T): Effect<T>[] {
    return this.seat(voter).effects.filter((effect): effect is Effect<T> => effect.type === type);
  }

  /** What a voter sent of one kind, each message once. */
  sent<T extends PoaMessage["type"]>(voter: number, type: T): (PoaMessage & { type: T })[] {
    return this.of(voter, "send")
      .map(({ message }) => message)
      .filter((message): message is PoaMessage & { type: T } => message.type === type);
  }

  #perform(voter: number, effect: Effect): void {
    if (effect.type === "send") {
      for (const to of effect.to) this.mail.push({ from: voter, to, message: effect.message });
    } else if (effect.type === "build-proposal") {
      const { height, round } = effect;
      const block = new Uint8Array([height, round, voter, this.#builds++]);
      this.give(voter, { type: "proposal-built", now_ms: this.now_ms, height, round, block });
    } else if (effect.type === "check-block") {
      const { height, round, digest } = effect;
      const valid = this.isValid(effect.block);
      const now_ms = this.now_ms;
      this.give(voter, { type: "block-checked", now_ms, height, round, digest, valid });
    }
  }
}

export const isType =
  (...types: readonly PoaMessage["type"][]) =>
  ({ message }: { message: PoaMessage }): boolean =>
    types.includes(message.type);

function engineOf(voter: number): Engine<PoaState, PoaMessage> {
  return createPoaEngine({
    chainId: consortiumOf(1).chainId,
    crypto: simulatedCrypto,
    signer: simulatedSigner(voter),
    timing: { roundTimeout_ms: 1000, roundTimeoutMax_ms: 30_000, resend_ms: 1000 },
    digestOf,
  });
}
