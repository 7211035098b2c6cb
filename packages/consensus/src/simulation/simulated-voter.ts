import { equalBytes, type Random, SeededRandom } from "@voltfog/runtime";
import { CatchUp } from "../catch-up.ts";
import type { EngineEffect, EngineInput, VoterSet } from "../engine.ts";
import type { VoteMessage } from "../voting/message.ts";
import type { VotingState } from "../voting/state.ts";
import { decodeVoteRecord } from "../voting/vote-record.ts";
import { sealProblem } from "./consortium.ts";
import type { CrashMoment } from "./fault-plan.ts";
import { LightApplication } from "./light-application.ts";
import { lightDigestOf } from "./light-block.ts";
import { seatOf } from "./light-electorate.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import type { FinalBlock, Packet, SimulatedVoterOptions } from "./simulated-machine.ts";
import type { Voice } from "./voice.ts";

type Work =
  | { readonly type: "input"; readonly input: EngineInput<VoteMessage> }
  | { readonly type: "blocks"; readonly from: number; readonly blocks: readonly FinalBlock[] };

/** What a step asked for, and who voted then: its effects name voters by their places in that set. */
interface Performed {
  readonly effects: readonly EngineEffect<VoteMessage>[];
  readonly voterSet: VoterSet;
}

const announce_ms = 200;
const blocksAtOnce = 16;

/** A real engine on a simulated machine: its disk survives a crash, everything else does not. */
export class SimulatedVoter {
  readonly index: number;
  readonly #options: SimulatedVoterOptions;
  readonly #random: Random;
  readonly #voice: Voice;
  readonly #disk = new SimulatedDisk();
  /** Goes up with every crash, so that what was under way before it never ends. */
  #life = 0;
  #isUp = false;
  #crashAt: { readonly moment: CrashMoment; readonly crashed: () => void } | undefined;
  #state: VotingState;
  #application: LightApplication;
  #catchUp: CatchUp;
  #timers = new Map<string, number>();
  #timerCount = 0;
  #work: Work[] = [];
  #isBusy = false;

  constructor(options: SimulatedVoterOptions) {
    this.index = options.index;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#state = options.engine.restore([]);
    this.#application = this.#newApplication();
    this.#catchUp = newCatchUp();
    this.#voice = options.voice(() => this.#application.voterSet);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get height(): number {
    return this.#disk.blocks.length;
  }

  start(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    const { engine, forgetsVotes } = this.#options;
    this.#application = this.#newApplication();
    for (const final of this.#disk.blocks) this.#application.finalise(final);
    this.#state = engine.restore(forgetsVotes ? [] : this.#disk.votes);
    this.#catchUp = newCatchUp();
    this.#options.observe({ type: "restarted", voter: this.index, height: this.height });
    this.#startHeight();
    this.#announce();
  }

  /** What was being written may or may not have reached the disk. */
  crash(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#life++;
    const lostWrite = this.#disk.crash(() => this.#random.uniform() < 0.5);
    this.#crashAt = undefined;
    this.#work = [];
    this.#isBusy = false;
    this.#timers.clear();
    this.#options.observe({ type: "crashed", voter: this.index, lostWrite });
  }

  /** Crashes with the next vote, which is when a bad restart shows. */
  crashAt(moment: CrashMoment, crashed: () => void): void {
    this.#crashAt = { moment, crashed };
  }

  /** No crash is pending any more. */
  calmDown(): void {
    this.#crashAt = undefined;
  }

  submit(transaction: number): void {
    if (!this.#isUp) return;
    this.#application.submit(transaction);
    this.#take({ type: "transactions-waiting", now_ms: this.#now_ms });
  }

  /** A connection came back, or a peer restarted. */
  connected(seat: number): void {
    if (!this.#isUp) return;
    const { voters } = this.#application.voterSet;
    const voter = voters.findIndex((_, each) => seatOf(this.#application.voterSet, each) === seat);
    if (voter >= 0) this.#take({ type: "peer-connected", now_ms: this.#now_ms, voter });
  }

  receive(from: number, packet: Packet): void {
    if (!this.#isUp) return;
    switch (packet.type) {
      case "vote":
        this.#voice.hears(packet.message);
        this.#take({ type: "message", now_ms: this.#now_ms, message: packet.message });
        break;
      case "height":
        this.#learn(from, packet.height);
        break;
      case "request": {
        const start = packet.request.from - 1;
        const blocks = this.#disk.blocks.slice(start, start + packet.request.limit);
        this.#options.send(from, { type: "blocks", blocks });
        break;
      }
      case "blocks":
        this.#work.push({ type: "blocks", from, blocks: packet.blocks });
        this.#pump();
        break;
    }
  }

  get #now_ms(): number {
    return this.#options.queue.now_ms;
  }

  get #wall_ms(): number {
    return this.#now_ms + this.#options.clockOffset_ms();
  }

  #newApplication(): LightApplication {
    return new LightApplication({
      voters: this.#options.consortium.voters,
      nextSalt: () => Math.floor(this.#random.uniform() * 0xffffffff),
      takesReplays: this.#options.takesReplays,
      mistakes: this.#options.mistakes,
    });
  }

  #later(delay_ms: number, run: () => void): void {
    const life = this.#life;
    this.#options.queue.after(delay_ms, () => {
      if (life === this.#life) run();
    });
  }

  #take(input: EngineInput<VoteMessage>): void {
    this.#work.push({ type: "input", input });
    this.#pump();
  }

  #pump(): void {
    while (this.#isUp && !this.#isBusy) {
      const work = this.#work.shift();
      if (work === undefined) return;
      if (work.type === "blocks") {
        this.#takeBlocks(work);
      } else {
        if (work.input.type === "message") this.#observeHeard(work.input.message);
        const { state, effects } = this.#options.engine.step(this.#state, work.input);
        this.#state = state;
        this.#perform({ effects, voterSet: state.voterSet }, 0);
      }
    }
  }

  #observeHeard(message: VoteMessage): void {
    const { height, round } = this.#state;
    this.#options.observe({ type: "heard", voter: this.index, height, round, message });
  }

  #observeVoted(bytes: Uint8Array): void {
    const read = decodeVoteRecord(bytes);
    const record = read.ok ? read.value : undefined;
    this.#options.observe({ type: "voted", voter: this.index, record });
  }

  /** In order; a write holds up everything after it, as the real driver does. */
  #perform(step: Performed, start: number): void {
    const { effects } = step;
    for (let at = start; at < effects.length && this.#isUp; at++) {
      const effect = effects[at];
      if (effect === undefined) return;
      if (effect.type === "persist") {
        this.#observeVoted(effect.record);
        if (this.#options.sendsUnwritten) {
          this.#writeBeside(effect.record);
          continue;
        }
        this.#disk.begin(effect.record);
        this.#wait(() => {
          this.#disk.end(effect.record);
          this.#perform(step, at + 1);
        });
        this.#crashIf("while-writing");
        return;
      }
      if (effect.type === "deliver") {
        // Fetched blocks may have brought it while this decision waited its turn.
        if (effect.decision.height !== this.height + 1) continue;
        this.#wait(() => {
          this.#finalise(effect);
          this.#startHeight();
          this.#perform(step, at + 1);
        });
        return;
      }
      this.#performNow(effect, step.voterSet);
    }
  }

  #writeBeside(record: Uint8Array): void {
    this.#disk.begin(record);
    this.#later(this.#writeTime_ms(), () => this.#disk.end(record));
  }

  #writeTime_ms(): number {
    return 0.2 + 3 * this.#random.uniform();
  }

  #wait(then: () => void): void {
    this.#isBusy = true;
    this.#later(this.#writeTime_ms(), () => {
      this.#isBusy = false;
      then();
      this.#pump();
    });
  }

  #performNow(effect: EngineEffect<VoteMessage>, voterSet: VoterSet): void {
    const now_ms = this.#now_ms;
    const wall_ms = this.#wall_ms;
    switch (effect.type) {
      case "send":
        this.#sendVote(effect, voterSet);
        break;
      case "set-timer":
        this.#setTimer(effect);
        break;
      case "cancel-timer":
        this.#timers.delete(effect.timer);
        break;
      case "build-proposal": {
        const { height, round } = effect;
        const builder = this.#state.self;
        if (builder === undefined || height !== this.#application.height + 1) break;
        const block = this.#application.build({ ...effect, builder, wall_ms });
        this.#work.push({
          type: "input",
          input: { type: "proposal-built", now_ms, height, round, block },
        });
        break;
      }
      case "check-block": {
        const valid = this.#application.check({ ...effect, wall_ms }) === undefined;
        const { height, round, digest } = effect;
        this.#work.push({
          type: "input",
          input: { type: "block-checked", now_ms, height, round, digest, valid },
        });
        break;
      }
      case "voter-behind":
        this.#sendTo(seatOf(voterSet, effect.voter), { type: "height", height: this.height });
        break;
      case "voter-ahead":
        this.#learn(seatOf(voterSet, effect.voter), effect.height - 1);
        break;
      case "evidence":
        this.#accuse(seatOf(voterSet, effect.voter), effect.messages);
        break;
      case "persist":
      case "deliver":
        break;
    }
  }

  #sendVote(effect: { to: readonly number[]; message: VoteMessage }, voterSet: VoterSet): void {
    for (const { message, to } of this.#voice.says(effect)) {
      this.#options.observe({ type: "sent", voter: this.index, message });
      for (const voter of to) this.#sendTo(seatOf(voterSet, voter), { type: "vote", message });
    }
    this.#crashIf("after-vote");
  }

  #sendTo(seat: number | undefined, packet: Packet): void {
    if (seat !== undefined && seat !== this.index) this.#options.send(seat, packet);
  }

  #accuse(seat: number | undefined, messages: readonly [VoteMessage, VoteMessage]): void {
    if (seat === undefined) return;
    this.#options.observe({ type: "accused", voter: seat, by: this.index, messages });
    this.#options.accuse(seat);
  }

  #crashIf(moment: CrashMoment): void {
    const planned = this.#crashAt;
    if (planned?.moment !== moment) return;
    this.crash();
    planned.crashed();
  }

  #setTimer(effect: { timer: string; delay_ms: number }): void {
    const id = this.#timerCount++;
    this.#timers.set(effect.timer, id);
    this.#later(effect.delay_ms, () => {
      if (this.#timers.get(effect.timer) !== id) return;
      this.#timers.delete(effect.timer);
      this.#take({ type: "timer", now_ms: this.#now_ms, timer: effect.timer });
    });
  }

  #finalise(final: FinalBlock): void {
    const { block, decision } = final;
    this.#disk.append({ block, decision });
    this.#application.finalise(final);
    this.#options.observe({ type: "final", voter: this.index, block, decision });
  }

  /** Before anything that waits: the engine is still at a height that is over. */
  #startHeight(): void {
    const next = this.#application.nextHeight(this.#wall_ms);
    const weights = next.voterSet.voters.map(({ weight }) => weight);
    this.#options.observe({ type: "turns", voter: this.index, height: next.height, weights });
    const input = { type: "height-started", now_ms: this.#now_ms, ...next } as const;
    this.#work.unshift({ type: "input", input });
    this.#pump();
  }

  #takeBlocks(work: { from: number; blocks: readonly FinalBlock[] }): void {
    let helped = false;
    for (const final of work.blocks) {
      if (final.decision.height !== this.height + 1 || !this.#isProved(final)) continue;
      this.#finalise(final);
      helped = true;
    }
    this.#catchUp.answered({ peer: work.from, helped, now_ms: this.#now_ms });
    if (helped) this.#startHeight();
    this.#askForBlocks();
  }

  #isProved({ block, decision }: FinalBlock): boolean {
    const digest = lightDigestOf(block);
    if (digest === undefined || !equalBytes(digest, decision.digest)) return false;
    const { consortium } = this.#options;
    const { voterSet } = this.#application;
    return sealProblem({ consortium, voterSet, decision }) === undefined;
  }

  #announce(): void {
    let messages = 0;
    for (const kept of this.#state.future.values()) messages = Math.max(messages, kept.length);
    this.#options.observe({ type: "held", voter: this.index, messages });
    for (let seat = 0; seat < this.#options.consortium.seats; seat++) {
      this.#sendTo(seat, { type: "height", height: this.height });
    }
    this.#askForBlocks();
    this.#later(announce_ms, () => this.#announce());
  }

  #learn(peer: number | undefined, height: number): void {
    if (peer === undefined || height <= this.height) return;
    this.#catchUp.learn({ peer, height, now_ms: this.#now_ms });
    this.#askForBlocks();
  }

  #askForBlocks(): void {
    const request = this.#catchUp.next({
      ownHeight: this.height,
      now_ms: this.#now_ms,
      isReachable: () => true,
    });
    if (request !== undefined) this.#options.send(request.peer, { type: "request", request });
  }
}

function newCatchUp(): CatchUp {
  return new CatchUp({ grace_ms: 40, timeout_ms: 150, penalty_ms: 100, blocksMax: blocksAtOnce });
}
