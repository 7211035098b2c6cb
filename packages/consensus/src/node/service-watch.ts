import { type Block, type Chain, type CheckedBlock, decodeBlock } from "@voltfog/ledger";
import type { BlockSource } from "@voltfog/ledger/node";
import type { Clock } from "@voltfog/runtime";
import {
  CertifiedService,
  type CertifiedView,
  certificatesKept,
} from "../service/certified-service.ts";
import {
  consensusOffset_ms,
  diagnose,
  type ServiceVerdict,
  serviceLimits,
} from "../service/diagnosis.ts";
import { LinkMeasure, type LinkView } from "../service/link-measure.ts";
import { OwnPauses } from "../service/own-pauses.ts";
import type { Transport } from "../transport.ts";
import type { PeerMessage } from "../wire/peer-message.ts";

const ping_ms = 500;
const tick_ms = 100;
/** What is read of old blocks at a start at most. */
const recallMax_bytes = 16_777_216;

type PeerNames = Pick<Transport, "numberOf" | "idOf">;

/** One validator as this one sees it; itself included. */
export interface ServiceReport extends ServiceVerdict {
  readonly id: string;
  readonly certified: CertifiedView;
  readonly link: LinkView;
  /** Its clock against the median of all; undefined while unknown. */
  readonly clockOffset_ms: number | undefined;
}

/** Measures how every validator serves the chain: by the final certificates, and by pings of its own. */
export class ServiceWatch {
  readonly #clock: Clock;
  readonly #chain: Chain;
  readonly #names: PeerNames;
  readonly #send: (to: number, message: PeerMessage) => void;
  readonly #certified = new CertifiedService();
  readonly #links = new Map<number, LinkMeasure>();
  readonly #stopped_ms = new Map<string, number>();
  readonly #pauses: OwnPauses;
  /** Who could seal, and who built, the blocks of the last heights. */
  readonly #heights = new Map<number, { seats: readonly string[]; proposer?: string }>();
  #cancelTick: () => void = () => {};
  #pinged_ms = Number.NEGATIVE_INFINITY;

  constructor(options: {
    clock: Clock;
    chain: Chain;
    names: PeerNames;
    send: (to: number, message: PeerMessage) => void;
  }) {
    this.#clock = options.clock;
    this.#chain = options.chain;
    this.#names = options.names;
    this.#send = options.send;
    this.#pauses = new OwnPauses({ tick_ms, now_ms: options.clock.monotonic_ms() });
  }

  start(): void {
    this.#cancelTick = this.#clock.after(tick_ms, () => this.#tick());
  }

  stop(): void {
    this.#cancelTick();
  }

  connected(peer: number): void {
    this.#link(peer).connected(this.#clock.monotonic_ms());
  }

  disconnected(peer: number): void {
    this.#link(peer).disconnected();
  }

  sent(peer: number, size_bytes: number): void {
    this.#link(peer).sent(size_bytes);
  }

  /** Anything that came from a peer; a ping is answered, an answer counted. */
  received(peer: number, message: PeerMessage): void {
    const now_ms = this.#clock.monotonic_ms();
    this.#link(peer).heard(now_ms);
    const own_ms = Math.floor(this.#clock.wall_ms());
    if (message.type === "ping") {
      const { number } = message;
      const paused_ms = this.#pauses.total_ms(now_ms);
      this.#send(peer, { type: "pong", number, wall_ms: own_ms, paused_ms });
    } else if (message.type === "pong") {
      this.#link(peer).answered({ ...message, now_ms, own_ms });
    }
  }

  /** Voting on this height begins: those who can seal it. */
  heightStarted(height: number): void {
    this.#heights.set(height, { seats: this.#chain.validators.map(({ id }) => id) });
  }

  /** The certificates of blocks from before this start, so that a restart does not make everyone unknown. */
  async recall(blocks: BlockSource): Promise<void> {
    const newestFirst: Block[] = [];
    let size_bytes = 0;
    for (let height = blocks.height; height > 0; height--) {
      if (newestFirst.length > certificatesKept || size_bytes > recallMax_bytes) break;
      const stored = await blocks.read(height);
      const block = stored && decodeBlock(stored.block);
      if (!block?.ok) break;
      size_bytes += stored?.block.length ?? 0;
      newestFirst.push(block.value);
    }
    for (const block of newestFirst.reverse()) this.#note(block);
  }

  /** A block that became final shows who sealed its parent. */
  final({ block }: CheckedBlock): void {
    this.#note(block);
  }

  #note({ header, parentCertificate }: Block): void {
    this.#heights.delete(header.height - 3);
    const seats = this.#chain.validators.map(({ id }) => id);
    const own = this.#heights.get(header.height) ?? { seats };
    const proposer = this.#chain.validatorOf(header.proposer)?.id;
    if (proposer !== undefined) this.#heights.set(header.height, { ...own, proposer });
    const parent = this.#heights.get(header.height - 1);
    if (parentCertificate === undefined || parent?.proposer === undefined) return;
    if (parentCertificate.validators !== parent.seats.length) return;
    const seals = parentCertificate.signatures.map(({ validator, delay_ms }) => ({
      id: parent.seats[validator] ?? "",
      delay_ms,
    }));
    const at_ms = this.#clock.monotonic_ms();
    this.#certified.add({ seats: parent.seats, seals, proposer: parent.proposer, at_ms });
  }

  /** Every validator of the next height, in the order of its seats; `self` is this one's. */
  report(self: number | undefined): readonly ServiceReport[] {
    const now_ms = this.#clock.monotonic_ms();
    const seats = this.#chain.validators;
    const others = [...seats.entries()].filter(([voter]) => voter !== self);
    const views = new Map(
      others.map(([voter, { id }]) => [voter, this.#linkTo(id).view(now_ms)] as const),
    );
    const clocks = [...views.values()].flatMap(({ clockOffset_ms }) => clockOffset_ms ?? []);
    const median_ms = consensusOffset_ms(clocks);
    return seats.map(({ id }, voter) => {
      const link = views.get(voter) ?? this.#pauses.ownView([...views.values()], now_ms);
      const certified = this.#certified.of(id);
      const verdict = this.#verdict({ id, certified, link, median_ms, now_ms });
      const { clockOffset_ms } = link;
      return {
        id,
        ...verdict,
        certified,
        link,
        clockOffset_ms: clockOffset_ms === undefined ? undefined : clockOffset_ms - median_ms,
      };
    });
  }

  #verdict(seen: {
    id: string;
    certified: CertifiedView;
    link: LinkView;
    median_ms: number;
    now_ms: number;
  }): ServiceVerdict {
    const { id, certified, link, now_ms } = seen;
    const since_ms = this.#certified.since_ms ?? now_ms;
    const stoppedLately = (this.#stopped_ms.get(id) ?? Number.NEGATIVE_INFINITY) >= since_ms;
    return diagnose({ certified, link, stoppedLately }, seen.median_ms);
  }

  #tick(): void {
    const now_ms = this.#clock.monotonic_ms();
    if (this.#pauses.tick(now_ms)) {
      for (const link of this.#links.values()) link.forgive(now_ms);
    }
    if (now_ms - this.#pinged_ms >= ping_ms) this.#pingAll(now_ms);
    this.#cancelTick = this.#clock.after(tick_ms, () => this.#tick());
  }

  #pingAll(now_ms: number): void {
    this.#pinged_ms = now_ms;
    for (const [peer, link] of this.#links) {
      const { connected, silent_ms, pausedShare } = link.view(now_ms);
      const isStopped =
        !connected ||
        silent_ms > serviceLimits.silenceMax_ms ||
        pausedShare > serviceLimits.pausedShareMax;
      const id = this.#names.idOf(peer);
      if (isStopped && id !== undefined) this.#stopped_ms.set(id, now_ms);
      if (!connected) continue;
      const { number, padding_bytes } = link.ping(now_ms);
      this.#send(peer, { type: "ping", number, padding: new Uint8Array(padding_bytes) });
    }
  }

  /** The way to a validator, or one that was never used where it was never met. */
  #linkTo(id: string): LinkMeasure {
    const peer = this.#names.numberOf(id);
    return peer === undefined ? new LinkMeasure(this.#clock.monotonic_ms()) : this.#link(peer);
  }

  #link(peer: number): LinkMeasure {
    const known = this.#links.get(peer);
    if (known !== undefined) return known;
    const link = new LinkMeasure(this.#clock.monotonic_ms());
    this.#links.set(peer, link);
    return link;
  }
}
