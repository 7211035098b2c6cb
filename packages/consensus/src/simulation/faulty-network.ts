import type { Random } from "@voltfog/runtime";
import type { VoteMessage } from "../voting/message.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Fault, FaultPlan, Lost } from "./fault-plan.ts";
import type { Packet } from "./simulated-machine.ts";

/** Carries packets late, twice, out of order or not at all, as the plan says, until it is healed. */
export class FaultyNetwork {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #plan: FaultPlan;
  #isHealed = false;
  #lost = 0;
  #doubled = 0;

  constructor(options: { queue: EventQueue; random: Random; plan: FaultPlan }) {
    this.#queue = options.queue;
    this.#random = options.random;
    this.#plan = options.plan;
  }

  heal(): void {
    this.#isHealed = true;
  }

  carry(options: { from: number; to: number; packet: Packet; arrive: () => void }): void {
    if (this.#isHealed) {
      this.#queue.after(this.#delay_ms(), options.arrive);
      return;
    }
    if (this.#isLost(options)) {
      this.#lost++;
      return;
    }
    this.#queue.after(this.#delay_ms() + this.#extra_ms(options), options.arrive);
    if (this.#random.uniform() < this.#plan.duplication) {
      this.#doubled++;
      this.#queue.after(4 * this.#delay_ms(), options.arrive);
    }
  }

  /** Between half and one and a half times the latency, and one in twenty much later. */
  #delay_ms(): number {
    const tail = this.#random.uniform() < 0.05 ? 10 * this.#random.uniform() : 0;
    return this.#plan.latency_ms * (0.5 + this.#random.uniform() + tail);
  }

  /** Messages that were lost, and that came twice. */
  get counts(): { readonly "lost-message": number; readonly "doubled-message": number } {
    return { "lost-message": this.#lost, "doubled-message": this.#doubled };
  }

  /** The faults that last now. */
  active(): readonly Fault[] {
    if (this.#isHealed) return [];
    const now_ms = this.#queue.now_ms;
    return this.#plan.faults.filter(
      ({ at_ms, for_ms }) => at_ms <= now_ms && now_ms < at_ms + for_ms,
    );
  }

  #isLost(options: { from: number; to: number; packet: Packet }): boolean {
    if (this.#random.uniform() < this.#plan.loss) return true;
    const { from, to, packet } = options;
    return this.active().some((fault) => {
      if (fault.type === "partition") return fault.groups[from] !== fault.groups[to];
      if (fault.type !== "loss" || !fault.links[from * this.#plan.seats + to]) return false;
      if (this.#random.uniform() >= fault.rate) return false;
      return concerns(fault.of, packet);
    });
  }

  #extra_ms(options: { from: number; to: number }): number {
    let extra_ms = 0;
    for (const fault of this.active()) {
      if (fault.type !== "slow") continue;
      if (fault.voter === options.from || fault.voter === options.to) extra_ms += fault.extra_ms;
    }
    return extra_ms;
  }
}

function tellsOfDecision(message: VoteMessage): boolean {
  if (message.type === "proposal") return message.parent !== undefined;
  return message.type === "commit" || message.type === "commit-certificate";
}

function concerns(lost: Lost, packet: Packet): boolean {
  if (lost === "everything") return true;
  if (packet.type !== "vote") return lost === "decisions";
  const { message } = packet;
  return message.type === lost || (lost === "decisions" && tellsOfDecision(message));
}
