import type { MessageKind } from "@voltfog/consensus/node";
import type { Genesis } from "@voltfog/ledger";
import { CodedError } from "@voltfog/runtime";
import type { TlsIdentity } from "@voltfog/runtime/node";
import { sharedTime_ms } from "../measure/shared-time.ts";
import { BenchChild } from "../processes/bench-child.ts";
import {
  type ConsortiumOptions,
  type ConsortiumPlan,
  genesisBytes,
  genesisOf,
  grouped,
  planOf,
} from "./consortium-plan.ts";
import { type CountedMessages, summed } from "./message-count.ts";
import type {
  SeenBlock,
  SentTransaction,
  ValidatorReply,
  ValidatorRequest,
  ValidatorStand,
} from "./validator-messages.ts";

const connectLimit_ms = 60_000;
const look_ms = 100;
/** Between the plan and the first transaction: time to sign them all. */
const prepare_ms = 800;

/** What all processes together did since the start. */
export interface Totals {
  readonly cpu_ms: number;
  readonly sent_bytes: number;
  readonly messages: number;
  readonly counted: readonly CountedMessages[];
}

export interface Collected extends Totals {
  readonly sent: readonly SentTransaction[];
  readonly seen: readonly SeenBlock[];
  readonly refused: number;
  readonly connected: number;
  readonly height: number;
  readonly stands: readonly ValidatorStand[];
  /** Of the largest process, now. */
  readonly memory: { readonly resident_bytes: number; readonly heap_bytes: number };
}

type Child = BenchChild<ValidatorRequest, ValidatorReply>;

/**
 * Validators in processes of their own over TLS. The last one's client watches for final blocks; the
 * clients of all others send. The first one can be killed.
 */
export class ConsortiumUnderTest {
  readonly #children: Child[];
  readonly #options: ConsortiumOptions;
  readonly #observer: Child;
  readonly #genesis: Genesis;
  readonly #plan: ConsortiumPlan;

  private constructor(o: {
    options: ConsortiumOptions;
    plan: ConsortiumPlan;
    children: Child[];
    observer: Child;
  }) {
    const { options, children, observer } = o;
    this.#genesis = genesisOf(options);
    this.#options = options;
    this.#plan = o.plan;
    this.#children = children;
    this.#observer = observer;
  }

  /** Resolves when all are connected and a few blocks are final. CONSORTIUM_NOT_STARTED after a minute. */
  static async start(options: ConsortiumOptions): Promise<ConsortiumUnderTest> {
    const { n, link, isDurable, hasDoors = false } = options;
    const observer = hasDoors ? undefined : n - 1;
    const genesis = genesisBytes(options);
    const plan = await planOf(options);
    const groups = grouped(plan.specs);
    const children = groups.map(
      () =>
        new BenchChild<ValidatorRequest, ValidatorReply>(
          new URL("./validator-process", import.meta.url),
        ),
    );
    const last = children.at(-1);
    if (last === undefined) throw new Error("there are validators");
    const consortium = new ConsortiumUnderTest({ options, plan, children, observer: last });
    try {
      await Promise.all(
        groups.map((validators, i) =>
          children[i]?.ask(
            { kind: "start", genesis, validators, link, observer, isDurable },
            "started",
          ),
        ),
      );
      await consortium.#settle();
      return consortium;
    } catch (thrown) {
      await consortium.stop();
      throw thrown;
    }
  }

  /** Of the chain that all of them keep. */
  get genesis(): Genesis {
    return this.#genesis;
  }

  /** Where clients of other processes find the validators, and what they show there. */
  get doors(): { readonly ports: readonly number[]; readonly tls: TlsIdentity } {
    const { specs, clientTls } = this.#plan;
    return { ports: specs.flatMap(({ doorPort }) => doorPort ?? []), tls: clientTls };
  }

  get processes(): number {
    return this.#children.length;
  }

  /** Every client but the observer's sends its share of the rate, the clients' moments spread evenly. */
  async startLoad(o: {
    rate_Hz: number;
    for_ms: number;
    /** What the client of a place sends; events where nothing is given. */
    transactionsOf?: (place: number, count: number) => readonly Uint8Array[];
  }): Promise<{ readonly end_ms: number }> {
    const { transactionsOf } = o;
    const senders = this.#options.n - 1;
    const interval_ms = (1000 * senders) / o.rate_Hz;
    const start_ms = sharedTime_ms() + prepare_ms;
    const plans = Array.from({ length: senders }, (_, index) => {
      const first_ms = start_ms + (index * interval_ms) / senders;
      const left_ms = start_ms + o.for_ms - first_ms;
      const count = Math.ceil(left_ms / interval_ms);
      const plan = { index, start_ms: first_ms, interval_ms, count };
      return transactionsOf === undefined
        ? plan
        : { ...plan, transactions: transactionsOf(index, count) };
    });
    await Promise.all(
      this.#children.map((child) => child.ask({ kind: "prepare", plans }, "prepared")),
    );
    return { end_ms: start_ms + o.for_ms };
  }

  async collect(): Promise<Collected> {
    const all = await Promise.all(
      this.#children.map((child) => child.ask({ kind: "collect" }, "collected")),
    );
    const sum = (value: (one: Collected) => number): number =>
      all.reduce((total, one) => total + value(one), 0);
    return {
      sent: all.flatMap(({ sent }) => sent),
      seen: all.flatMap(({ seen }) => seen),
      refused: sum((one) => one.refused),
      cpu_ms: sum((one) => one.cpu_ms),
      sent_bytes: sum((one) => one.sent_bytes),
      messages: sum((one) => one.messages),
      connected: Math.min(...all.map(({ connected }) => connected)),
      height: Math.min(...all.map(({ height }) => height)),
      counted: summed(all.map(({ counted }) => counted)),
      stands: all.flatMap(({ stands }) => stands),
      memory: {
        resident_bytes: Math.max(...all.map(({ memory }) => memory.resident_bytes)),
        heap_bytes: Math.max(...all.map(({ memory }) => memory.heap_bytes)),
      },
    };
  }

  wait(for_ms: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(for_ms, resolve));
  }

  /** Kills the first validator's process with signal 9 when it is that one's turn to propose; gives when. */
  async killLeader(): Promise<number> {
    const leader = this.#children.shift();
    await this.#observer.ask({ kind: "await-turn", index: 0 }, "turn");
    const killed_ms = sharedTime_ms();
    if (leader !== undefined) process.kill(leader.pid, "SIGKILL");
    return killed_ms;
  }

  /** A validator with a process of its own sends these kinds no more; none given, it sends all again. */
  async mute(index: number, kinds: readonly MessageKind[]): Promise<void> {
    await this.#children[index]?.ask({ kind: "mute", kinds }, "done");
  }

  /** Whether writes wait for the disk from now on. */
  async setDurable(isDurable: boolean): Promise<void> {
    const request = { kind: "sync", isDurable } as const;
    await Promise.all(this.#children.map((child) => child.ask(request, "done")));
  }

  /** Kills a validator that has a process of its own with signal 9; the places behind it move up. */
  kill(index: number): number {
    const [killed] = this.#children.splice(index, 1);
    const killed_ms = sharedTime_ms();
    if (killed !== undefined) process.kill(killed.pid, "SIGKILL");
    return killed_ms;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
  }

  async #settle(): Promise<void> {
    const { n, blockInterval_ms } = this.#options;
    const end_ms = sharedTime_ms() + connectLimit_ms;
    for (;;) {
      const { connected, height } = await this.collect();
      if (connected === n - 1 && height >= 3) break;
      if (sharedTime_ms() > end_ms) {
        throw new CodedError({
          code: "CONSORTIUM_NOT_STARTED",
          message: `${connected} of ${n - 1} connections and block ${height} after a minute`,
          remedy: "stop other work on this machine, or measure fewer validators",
        });
      }
      await this.wait(look_ms);
    }
    await this.wait(2 * blockInterval_ms);
  }
}
