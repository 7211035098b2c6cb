import { join } from "node:path";
import {
  AdmissionDesk,
  ConsensusNode,
  type Membership,
  type MessageKind,
  TlsTransport,
  VoteStore,
} from "@voltfog/consensus/node";
import {
  type Chain,
  encodeEventRecord,
  engineOf,
  eventAction,
  type Genesis,
  moduleNumber,
  proposerIn,
  signTransaction,
  turnCycle,
  verifyCertificate,
} from "@voltfog/ledger";
import { ChainStore } from "@voltfog/ledger/node";
import { assert, ByteWriter, equalBytes, silentLogger, toHex } from "@voltfog/runtime";
import {
  nodeCrypto as crypto,
  signerOfSeed,
  systemClock,
  systemRandom,
} from "@voltfog/runtime/node";
import { sharedTime_ms } from "../measure/shared-time.ts";
import { DelayedTransport, type Link } from "./delayed-transport.ts";
import type { CountedMessages } from "./message-count.ts";
import { OutcomeDoor } from "./outcome-door.ts";
import type {
  LoadPlan,
  SeenBlock,
  SentTransaction,
  ValidatorSpec,
  ValidatorStand,
} from "./validator-messages.ts";

/** As the product's default. */
export const roundTimeout_ms = 1000;
const mempoolMax = 50_000;

export function voteSigner(index: number): ReturnType<typeof signerOfSeed> {
  return signerOfSeed(new Uint8Array(32).fill(index + 1));
}

export function unitSigner(index: number): ReturnType<typeof signerOfSeed> {
  return signerOfSeed(new Uint8Array(32).fill(index + 101));
}

/** One real validator with its disk and its TLS links, and the clients that sit beside it. */
export class BenchValidator {
  readonly index: number;
  readonly seen: SeenBlock[] = [];
  readonly sent: SentTransaction[] = [];
  refused = 0;
  readonly #node: ConsensusNode;
  readonly #store: ChainStore;
  readonly #votes: VoteStore;
  readonly #transport: DelayedTransport;
  #door: OutcomeDoor | undefined;
  #nonce = 0;
  #waiting: { readonly turnOf: number; readonly resolve: () => void } | undefined;

  private constructor(o: {
    index: number;
    node: ConsensusNode;
    store: ChainStore;
    votes: VoteStore;
    transport: DelayedTransport;
    isObserved: boolean;
  }) {
    this.index = o.index;
    this.#node = o.node;
    this.#store = o.store;
    this.#votes = o.votes;
    this.#transport = o.transport;
    o.node.onFinal(({ height, checked }) => {
      if (!o.isObserved) return;
      const hashes = checked.results.map(({ txHash }) => txHash);
      if (this.#chain.height === height) requireFinal(this.#chain, checked.hash);
      const refused = checked.results.filter(({ code }) => code !== "OK").length;
      const transactions = hashes.map(toHex);
      this.seen.push({ height, at_ms: sharedTime_ms(), transactions, refused });
      this.#answerTurn(height);
    });
  }

  static async start(o: {
    spec: ValidatorSpec;
    genesis: Genesis;
    link: Link;
    isObserved: boolean;
  }): Promise<BenchValidator> {
    const { spec, genesis, link } = o;
    const logger = silentLogger;
    const store = await ChainStore.open({
      folder: join(spec.folder, "blocks"),
      genesis,
      crypto,
      logger,
    });
    const votes = await VoteStore.open({ path: join(spec.folder, "votes"), crypto, logger });
    const transport = new DelayedTransport({
      inner: transportOf(spec, store.chain),
      link,
      clock: systemClock,
      random: systemRandom,
    });
    const node = new ConsensusNode({
      store,
      votes,
      transport,
      signer: voteSigner(spec.index),
      crypto,
      clock: systemClock,
      logger,
      timing: { roundTimeout_ms, roundTimeoutMax_ms: 30_000, resend_ms: roundTimeout_ms },
      mempool: {
        transactions: mempoolMax,
        transactionsPerSender: mempoolMax,
        size_bytes: 67_108_864,
      },
      snapshotBehind: 10_000,
      admissions: new AdmissionDesk({ chain: store.chain, own: undefined }),
    });
    const { index } = spec;
    const parts = { index, node, store, votes, transport, isObserved: o.isObserved };
    const validator = new BenchValidator(parts);
    await node.start();
    const { doorPort: port, tls } = spec;
    if (port !== undefined) validator.#door = await OutcomeDoor.open({ node, tls, port });
    return validator;
  }

  get height(): number {
    return this.#node.height;
  }

  get connected(): number {
    return this.#transport.peers.length;
  }

  get sent_bytes(): number {
    return this.#transport.sent_bytes;
  }

  get messages(): number {
    return this.#transport.messages;
  }

  get counted(): readonly CountedMessages[] {
    return this.#transport.counted;
  }

  get stand(): ValidatorStand {
    const { head, validators, resultsSize } = this.#chain;
    const { height, proposer, stateRoot } = head.header;
    const builder = validators.findIndex(({ voteKey }) => equalBytes(voteKey, proposer));
    return { index: this.index, height, builder, resultsSize, stateRoot: toHex(stateRoot) };
  }

  mute(kinds: readonly MessageKind[]): void {
    this.#transport.mute(kinds);
  }

  /** Signs all of them first: what a client's machine costs is not the validators'. */
  prepare({ start_ms, interval_ms, count: asked, transactions: given }: LoadPlan): void {
    const count = given?.length ?? asked;
    const transactions = given ?? Array.from({ length: count }, () => this.#nextTransaction());
    let next = 0;
    const sendDue = (): void => {
      const now_ms = sharedTime_ms();
      for (; next < count && start_ms + next * interval_ms <= now_ms; next++) {
        this.#submit(transactions[next] ?? new Uint8Array(), start_ms + next * interval_ms);
      }
      if (next < count) systemClock.after(1, sendDue);
    };
    systemClock.after(Math.max(0, start_ms - sharedTime_ms()), sendDue);
  }

  /** Resolves when a block is final after which this voter proposes. */
  untilTurnOf(turnOf: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { turnOf, resolve };
    });
  }

  async stop(): Promise<void> {
    this.#door?.close();
    await this.#node.stop();
    await this.#store.close();
    await this.#votes.close();
  }

  get #chain(): Chain {
    return this.#store.chain;
  }

  #submit(bytes: Uint8Array, intended_ms: number): void {
    const submitted = this.#node.submit(bytes);
    if (submitted.ok) this.sent.push({ hash: toHex(submitted.value.hash), intended_ms });
    else this.refused++;
  }

  #nextTransaction(): Uint8Array {
    this.#nonce++;
    const eventId = new ByteWriter().u64(this.index).u64(this.#nonce).raw(new Uint8Array(16));
    return signTransaction({
      chainId: this.#chain.genesis.chainId,
      module: moduleNumber.events,
      action: eventAction.record,
      nonce: this.#nonce,
      payload: encodeEventRecord({
        class: "cell-anomaly",
        state: "asserted",
        level: 1,
        timeBucket: 1,
        pseudonym: new Uint8Array(16).fill(this.index),
        eventId: eventId.finish(),
      }),
      signer: unitSigner(this.index),
    });
  }

  #answerTurn(height: number): void {
    const waiting = this.#waiting;
    if (waiting === undefined || this.#chain.height !== height) return;
    const seats = this.#chain.validators;
    const cycle = turnCycle(
      seats.map(({ weight }) => weight),
      seats.map(({ rank }) => rank),
    );
    if (waiting.turnOf !== proposerIn(cycle, { height: height + 1, round: 0 })) return;
    this.#waiting = undefined;
    waiting.resolve();
  }
}

/** As a client without trust in its validator would: a quorum's signatures, one by one. */
function requireFinal(chain: Chain, blockHash: Uint8Array): void {
  const { certificate, header } = chain.head;
  assert(certificate !== undefined, "a final block has a certificate");
  const verified = verifyCertificate({
    certificate,
    engine: engineOf(chain.genesis),
    chainId: chain.genesis.chainId,
    epoch: chain.epoch,
    height: header.height,
    blockHash,
    validators: chain.validators,
    crypto,
  });
  assert(verified.ok, "the certificate of a final block is right");
}

function transportOf(spec: ValidatorSpec, chain: Chain): TlsTransport {
  const seatOf = (id: string) => chain.validators.find((seat) => seat.id === id);
  const membership: Membership = {
    seats: () => chain.validators.map((seat) => ({ ...seat, endpoint: undefined })),
    isRemoved: () => false,
    admits: ({ id }) => seatOf(id) !== undefined,
  };
  return new TlsTransport({
    identity: {
      chainId: chain.genesis.chainId,
      id: `validator-${spec.index + 1}`,
      voteKeyOf: (id) => seatOf(id)?.voteKey,
      succession: () => undefined,
      signer: voteSigner(spec.index),
      crypto,
      random: systemRandom,
      clock: systemClock,
    },
    tls: spec.tls,
    membership,
    host: "127.0.0.1",
    port: spec.port,
    peers: spec.peers,
    logger: silentLogger,
  });
}
