import { defaultEngine, type EngineChoice, type EngineName } from "@voltfog/ledger";
import type { Engine, EngineEffect, EngineInput, VoterSet } from "../engine.ts";
import { simulatedChainId } from "../simulation/consortium.ts";
import { simulatedCrypto, simulatedSigner } from "../simulation/keyed-hash.ts";
import { LightElectorate, seatOf } from "../simulation/light-electorate.ts";
import type { VoteMessage } from "../voting/message.ts";
import type { VotingState } from "../voting/state.ts";
import { createEngine } from "../voting/voting-engine.ts";

export type Effect<
  T extends EngineEffect<VoteMessage>["type"] = EngineEffect<VoteMessage>["type"],
> = EngineEffect<VoteMessage> & { type: T };

/** Blocks here are any bytes; their digest is their hash. */
export const digestOf = (block: Uint8Array): Uint8Array => simulatedCrypto.sha256(block);

export interface Seat {
  readonly engine: Engine<VotingState, VoteMessage>;
  state: VotingState;
  /** Everything this engine asked for, in order. */
  readonly effects: Effect[];
}

/**
 * Engines at one table, without a network: every input is given by hand, so a test can say exactly who
 * heard what. Blocks are valid unless the test says otherwise. For tests.
 */
export class EngineTable {
  readonly voterSet: VoterSet;
  /** Who votes at a height: all seats, unless the test says otherwise. */
  voterSetAt: (height: number) => VoterSet;
  readonly seats: Seat[];
  /** Messages on their way, in the order they were sent; from and to are seats. */
  readonly mail: { from: number; to: number; message: VoteMessage }[] = [];
  isValid: (block: Uint8Array) => boolean = () => true;
  /** Voters whose block became final begin the next height by themselves, up to this one. */
  lastHeight = 0;
  now_ms = 0;
  /** Signatures that the engines verified, by voter. */
  readonly verified: number[];
  #builds = 0;

  constructor(voters: number, name: EngineName = defaultEngine.name, redundant = 0) {
    this.voterSet = new LightElectorate({ voters }).voterSet;
    this.voterSetAt = () => this.voterSet;
    this.verified = this.voterSet.voters.map(() => 0);
    this.seats = this.voterSet.voters.map((_, voter) => {
      const verify = (): void => {
        this.verified[voter] = 1 + (this.verified[voter] ?? 0);
      };
      const engine = engineOf({ voter, engine: { name, redundant }, verify });
      return { engine, state: engine.restore([]), effects: [] };
    });
  }

  seat(voter: number): Seat {
    const seat = this.seats[voter];
    if (seat === undefined) throw new Error(`no voter ${voter}`);
    return seat;
  }

  startHeight(
    voter: number,
    height: number,
    options: { waiting?: boolean; leader?: number } = {},
  ): void {
    this.give(voter, {
      type: "height-started",
      now_ms: this.now_ms,
      height,
      voterSet: this.voterSetAt(height),
      earliest_ms: 0,
      idle_ms: 10_000,
      transactionsWaiting: options.waiting ?? true,
      leader: options.leader ?? 0,
    });
  }

  timer(voter: number, timer: string): void {
    this.give(voter, { type: "timer", now_ms: this.now_ms, timer });
  }

  give(voter: number, input: EngineInput<VoteMessage>): void {
    const seat = this.seat(voter);
    const step = seat.engine.step(seat.state, input);
    seat.state = step.state;
    seat.effects.push(...step.effects);
    for (const effect of step.effects) this.#perform(voter, effect);
  }

  /** Delivers what is on its way and passes the filter, until nothing more is; drops the rest. */
  deliver(passes: (mail: { from: number; to: number; message: VoteMessage }) => boolean): void {
    for (let mail = this.mail.shift(); mail !== undefined; mail = this.mail.shift()) {
      if (!passes(mail)) continue;
      this.give(mail.to, { type: "message", now_ms: this.now_ms, message: mail.message });
    }
  }

  /** A machine that died and came back with the votes that were written, before this life or in it. */
  restart(voter: number, height: number): void {
    const written = this.of(voter, "persist");
    const { engine } = this.seat(voter);
    const state = engine.restore(written.map(({ record }) => record));
    this.seats[voter] = { engine, state, effects: written };
    this.startHeight(voter, height);
  }

  of<T extends Effect["type"]>(voter: number, type: T): Effect<T>[] {
    return this.seat(voter).effects.filter((effect): effect is Effect<T> => effect.type === type);
  }

  /** What a voter sent of one kind, each message once. */
  sent<T extends VoteMessage["type"]>(voter: number, type: T): (VoteMessage & { type: T })[] {
    return this.of(voter, "send")
      .map(({ message }) => message)
      .filter((message): message is VoteMessage & { type: T } => message.type === type);
  }

  #perform(voter: number, effect: Effect): void {
    if (effect.type === "send") {
      const { voterSet } = this.seat(voter).state;
      for (const place of effect.to) {
        const to = seatOf(voterSet, place);
        if (to !== undefined) this.mail.push({ from: voter, to, message: effect.message });
      }
    } else if (effect.type === "build-proposal") {
      const { height, round } = effect;
      const block = new Uint8Array([height, round, voter, this.#builds++]);
      this.give(voter, { type: "proposal-built", now_ms: this.now_ms, height, round, block });
    } else if (effect.type === "check-block") {
      const { height, round, digest } = effect;
      const valid = this.isValid(effect.block);
      const now_ms = this.now_ms;
      this.give(voter, { type: "block-checked", now_ms, height, round, digest, valid });
    } else if (effect.type === "deliver") {
      const height = effect.decision.height + 1;
      const builder = this.voterSet.voters[effect.block[2] ?? 0]?.key;
      const leader = this.voterSetAt(height).voters.findIndex(({ key }) => key === builder);
      if (height > this.lastHeight) return;
      this.startHeight(voter, height, { leader: Math.max(0, leader) });
    }
  }
}

export const isType =
  (...types: readonly VoteMessage["type"][]) =>
  ({ message }: { message: VoteMessage }): boolean =>
    types.includes(message.type);

function engineOf(options: {
  voter: number;
  engine: EngineChoice;
  verify: () => void;
}): Engine<VotingState, VoteMessage> {
  const { voter, engine, verify } = options;
  return createEngine({
    chainId: simulatedChainId,
    crypto: {
      ...simulatedCrypto,
      verify(signed) {
        verify();
        return simulatedCrypto.verify(signed);
      },
    },
    signer: simulatedSigner(voter),
    timing: { roundTimeout_ms: 1000, roundTimeoutMax_ms: 30_000, resend_ms: 1000 },
    digestOf,
    engine,
  });
}
