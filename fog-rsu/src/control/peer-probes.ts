import { type Clock, quantile } from "@voltfog/runtime";
import { createHttpClient, type HttpClient, type TlsIdentity } from "@voltfog/runtime/node";

/** Another unit and where its backbone answers. */
export interface Peer {
  readonly unitId: string;
  readonly url: string;
}

/** The way to one other unit; null while it does not answer. */
export interface PeerLatency {
  readonly unitId: string;
  readonly latency_ms: number | null;
  readonly at_ms: number;
}

/** One heartbeat of a peer: its latency in ms; rejects where none came in time. */
export type ProbePeer = (signal: AbortSignal) => Promise<unknown>;

interface Probed {
  readonly peer: Peer;
  readonly probe: ProbePeer;
  readonly close: () => void;
  readonly latest_ms: number[];
  latency_ms: number | null;
  at_ms: number;
}

const period_ms = 1000;
const limit_ms = 2000;
/** Peers asked at one time; of more, each waits for its turn. */
const atOnceMax = 64;
/** The median of so many: a change shows after three seconds. */
const windowSize = 5;
const answerMax_bytes = 65_536;

/** Measures the way to the other units over the backbone, with mutual TLS and kept connections. */
export class PeerProbes {
  readonly #clock: Clock;
  readonly #open: (peer: Peer) => Pick<Probed, "probe" | "close">;
  #peers: Probed[] = [];
  #next = 0;
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(options: { clock: Clock; open: (peer: Peer) => Pick<Probed, "probe" | "close"> }) {
    this.#clock = options.clock;
    this.#open = options.open;
  }

  /** The peers from now on; what is known of those that stay is kept. */
  follow(peers: readonly Peer[]): void {
    const known = new Map(this.#peers.map((one) => [keyOf(one.peer), one]));
    this.#peers = peers.map((peer) => {
      const stays = known.get(keyOf(peer));
      known.delete(keyOf(peer));
      return stays ?? { peer, ...this.#open(peer), latest_ms: [], latency_ms: null, at_ms: 0 };
    });
    for (const { close } of known.values()) close();
  }

  start(): void {
    void this.#round();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.follow([]);
  }

  /** Those that were asked at least once. */
  get latencies(): readonly PeerLatency[] {
    return this.#peers
      .filter(({ at_ms }) => at_ms > 0)
      .map(({ peer: { unitId }, latency_ms, at_ms }) => ({ unitId, latency_ms, at_ms }));
  }

  async #round(): Promise<void> {
    const turn = this.#peers.length <= atOnceMax ? this.#peers : this.#nextTurn();
    await Promise.all(turn.map((one) => this.#ask(one)));
    if (!this.#stopped) this.#cancel = this.#clock.after(period_ms, () => void this.#round());
  }

  #nextTurn(): readonly Probed[] {
    const start = this.#next % this.#peers.length;
    this.#next = start + atOnceMax;
    return [...this.#peers.slice(start), ...this.#peers.slice(0, start)].slice(0, atOnceMax);
  }

  async #ask(probed: Probed): Promise<void> {
    const abort = new AbortController();
    const cancel = this.#clock.after(limit_ms, () => abort.abort());
    const start_ms = this.#clock.monotonic_ms();
    try {
      await probed.probe(abort.signal);
      probed.latest_ms.push(this.#clock.monotonic_ms() - start_ms);
      if (probed.latest_ms.length > windowSize) probed.latest_ms.shift();
      probed.latency_ms = quantile(Float64Array.from(probed.latest_ms), 0.5);
    } catch {
      probed.latest_ms.length = 0;
      probed.latency_ms = null;
    } finally {
      cancel();
      probed.at_ms = this.#clock.wall_ms();
    }
  }
}

/** Opens the way to a peer over HTTPS with mutual TLS; only a unit with that id is believed. */
export function peerOpener(
  identity: TlsIdentity,
): (peer: Peer) => { probe: ProbePeer; close: () => void } {
  return ({ unitId, url }) => {
    const client: HttpClient = createHttpClient({ url, peerId: unitId, identity });
    const call = { path: "/v1/heartbeat", bodyMax_bytes: answerMax_bytes };
    return {
      async probe(signal) {
        const { status } = await client.call({ ...call, signal });
        if (status !== 200) throw new Error(`${unitId} answered ${status}`);
      },
      close: () => client.close(),
    };
  };
}

function keyOf({ unitId, url }: Peer): string {
  return `${unitId} ${url}`;
}
