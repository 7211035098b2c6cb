import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Clock, CodedError } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { freePorts } from "@voltfog/runtime/node";
import { sharedTime_ms } from "../../measure/shared-time.ts";
import { BenchChild } from "../../processes/bench-child.ts";
import type { ChainChange, SentRecord } from "./record-fates.ts";
import type {
  ReplicaReply,
  ReplicaRequest,
  ReplicaSetting,
  ReplicaSpec,
  ReplicaTotals,
} from "./replica-messages.ts";

const host = "127.0.0.1";
const connectLimit_ms = 60_000;
const look_ms = 100;
/** Between the order to send and the first record: time to hear of it. */
const lead_ms = 300;
/** In which raft has a leader with near certainty: its timers are one to two seconds. */
const election_ms = 3000;

export interface Collected {
  readonly sent: readonly SentRecord[];
  readonly refused: number;
  readonly changes: readonly ChainChange[];
  readonly connected: number;
  readonly height: number;
  /** By the replicas' places; undefined for one that was killed. */
  readonly totals: readonly (ReplicaTotals | undefined)[];
}

/** How many records a second, and for how long. */
export interface Load {
  readonly rate_Hz: number;
  readonly for_ms: number;
}

type Child = BenchChild<ReplicaRequest, ReplicaReply>;

/**
 * Replicas of one engine in processes of their own over TLS, with their disks. The last one's client
 * watches the chain, the clients of all others send.
 */
export class BatteryCluster {
  readonly #children: (Child | undefined)[];
  readonly #setting: ReplicaSetting;
  readonly #clock: Clock;

  private constructor(children: Child[], setting: ReplicaSetting, clock: Clock) {
    this.#children = children;
    this.#setting = setting;
    this.#clock = clock;
  }

  /** Resolves when all are connected and three blocks are there. CLUSTER_NOT_STARTED after a minute. */
  static async start(o: {
    setting: Omit<ReplicaSetting, "start_ms">;
    folder: string;
    clock: Clock;
  }): Promise<BatteryCluster> {
    const { clock } = o;
    const setting = { ...o.setting, start_ms: clock.wall_ms() };
    const specs = await specsOf({ ...o, n: setting.n });
    const module = new URL("./battery-replica-process", import.meta.url);
    const children = specs.map(() => new BenchChild<ReplicaRequest, ReplicaReply>(module));
    const cluster = new BatteryCluster(children, setting, clock);
    try {
      await Promise.all(
        specs.map((spec, i) => {
          const isObserved = i === setting.n - 1;
          return children[i]?.ask({ kind: "start", setting, spec, isObserved }, "started");
        }),
      );
      await cluster.#settle();
      return cluster;
    } catch (thrown) {
      await cluster.stop();
      throw thrown;
    }
  }

  get clock(): Clock {
    return this.#clock;
  }

  get setting(): ReplicaSetting {
    return this.#setting;
  }

  /** Every living client but the observer's signs its share of what it will send. */
  async sign({ rate_Hz, for_ms }: Load): Promise<void> {
    const senders = this.#senders;
    const all = Math.ceil((rate_Hz * for_ms) / 1000);
    const count = Math.ceil(all / senders.length);
    await Promise.all(senders.map((child) => child.ask({ kind: "sign", count }, "signed")));
  }

  /** They send it, their moments spread evenly. */
  async send({
    rate_Hz,
    for_ms,
  }: Load): Promise<{ readonly start_ms: number; readonly end_ms: number }> {
    const senders = this.#senders;
    const between_ms = 1000 / rate_Hz;
    const interval_ms = senders.length * between_ms;
    const start_ms = sharedTime_ms() + lead_ms;
    await Promise.all(
      senders.map((child, i) => {
        const plan = { start_ms: start_ms + i * between_ms, interval_ms };
        return child.ask({ kind: "send", plan }, "sending");
      }),
    );
    return { start_ms, end_ms: start_ms + for_ms };
  }

  async collect(): Promise<Collected> {
    const all = await Promise.all(
      this.#children.map((child) => child?.ask({ kind: "collect" }, "collected")),
    );
    const living = all.filter((one) => one !== undefined);
    return {
      sent: living.flatMap(({ sent }) => sent),
      refused: living.reduce((sum, { refused }) => sum + refused, 0),
      changes: living.flatMap(({ changes }) => changes),
      connected: Math.min(...living.map(({ connected }) => connected)),
      height: Math.min(...living.map(({ height }) => height)),
      totals: all,
    };
  }

  wait(for_ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(Math.max(0, for_ms), resolve));
  }

  /** With signal 9. */
  kill(place: number): void {
    const child = this.#children[place];
    this.#children[place] = undefined;
    if (child !== undefined) process.kill(child.pid, "SIGKILL");
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child?.stop()));
  }

  get #senders(): Child[] {
    return this.#children.slice(0, -1).filter((child) => child !== undefined);
  }

  async #settle(): Promise<void> {
    const { engine, n, blockInterval_ms } = this.#setting;
    const end_ms = sharedTime_ms() + connectLimit_ms;
    for (;;) {
      const { connected, height } = await this.collect();
      if (connected === n - 1 && height >= this.#firstHeight) break;
      if (sharedTime_ms() > end_ms) {
        throw new CodedError({
          code: "CLUSTER_NOT_STARTED",
          message: `${connected} of ${n - 1} connections and block ${height} after a minute`,
          remedy: "stop other work on this machine, or measure fewer validators",
        });
      }
      await this.wait(look_ms);
    }
    await this.wait(engine === "raft" ? election_ms : 2 * blockInterval_ms);
  }

  /** Raft makes no block while nothing waits: there its election is waited for. */
  get #firstHeight(): number {
    return this.#setting.engine === "raft" ? 0 : 3;
  }
}

async function specsOf(o: { n: number; folder: string; clock: Clock }): Promise<ReplicaSpec[]> {
  const now_ms = o.clock.wall_ms();
  const authority = await CertificateAuthority.create({ name: "bench", now_ms });
  const ports = await freePorts(o.n);
  const ids = ports.map((_, i) => `validator-${i + 1}`);
  return Promise.all(
    ports.map(async (port, index) => {
      const folder = join(o.folder, `replica-${index + 1}`);
      mkdirSync(folder, { recursive: true });
      const peers = ports.flatMap((other, i) =>
        i === index ? [] : [{ id: ids[i] ?? "", host, port: other }],
      );
      const subject = { id: ids[index] ?? "", role: "validator" } as const;
      const tls = await authority.newIdentity(subject, { now_ms });
      return { index, folder, port, tls, peers };
    }),
  );
}
