import { createServer, type Server, type TLSSocket } from "node:tls";
import { type ConsensusNode, type FinalNotice, FrameSocket } from "@voltfog/consensus/node";
import { transactionMax_bytes } from "@voltfog/ledger";
import { ByteWriter, decodeBytes } from "@voltfog/runtime";
import { serverTls, type TlsIdentity } from "@voltfog/runtime/node";

/** What is said of one transaction: final and done, final and refused by its module, or not taken at all. */
export type OutcomeWord = "done" | "refused" | "turned-away";

/** A validator's word about transactions that one block holds, or that it did not take (height 0). */
export interface OutcomeNotice {
  readonly height: number;
  readonly outcomes: readonly { readonly hash: Uint8Array; readonly word: OutcomeWord }[];
}

const words: readonly OutcomeWord[] = ["done", "refused", "turned-away"];
const transactionsMax = 8192;
const frameMax_bytes = 67_108_864;

/**
 * Where clients bring transactions to a validator and hear from it what became of every one in each final
 * block, over mutual TLS. One connection carries many clients.
 */
export class OutcomeDoor {
  readonly #node: ConsensusNode;
  readonly #server: Server;
  readonly #clients = new Set<FrameSocket>();

  private constructor(o: { node: ConsensusNode; tls: TlsIdentity }) {
    this.#node = o.node;
    this.#server = createServer({ ...serverTls(o.tls), noDelay: true }, (socket) => {
      this.#welcome(socket);
    });
    o.node.onFinal((notice) => this.#tell(notice));
  }

  static async open(o: {
    node: ConsensusNode;
    tls: TlsIdentity;
    port: number;
  }): Promise<OutcomeDoor> {
    const door = new OutcomeDoor(o);
    await new Promise<void>((resolve, reject) => {
      door.#server.once("error", reject);
      door.#server.listen({ host: "127.0.0.1", port: o.port }, resolve);
    });
    return door;
  }

  close(): void {
    for (const client of this.#clients) client.close();
    this.#server.close();
  }

  #welcome(socket: TLSSocket): void {
    const frames = new FrameSocket({
      socket,
      limit_bytes: frameMax_bytes,
      onClose: () => this.#clients.delete(frames),
    });
    this.#clients.add(frames);
    frames.expect({ limit_bytes: frameMax_bytes, onFrame: (frame) => this.#take(frames, frame) });
  }

  #take(client: FrameSocket, frame: Uint8Array): void {
    const turnedAway: { hash: Uint8Array; word: OutcomeWord }[] = [];
    for (const { hash, bytes } of decodeOrders(frame)) {
      if (!this.#node.submit(bytes).ok) turnedAway.push({ hash, word: "turned-away" });
    }
    if (turnedAway.length > 0) say(client, { height: 0, outcomes: turnedAway });
  }

  #tell({ height, checked: { results } }: FinalNotice): void {
    if (results.length === 0 || this.#clients.size === 0) return;
    const outcomes = results.map(({ txHash, code }) => {
      return { hash: txHash, word: code === "OK" ? ("done" as const) : ("refused" as const) };
    });
    for (const client of this.#clients) say(client, { height, outcomes });
  }
}

function say(client: FrameSocket, notice: OutcomeNotice): void {
  const { height, outcomes } = notice;
  const writer = new ByteWriter().u64(height).u32(outcomes.length);
  for (const { hash, word } of outcomes) writer.raw(hash).u8(words.indexOf(word));
  client.send(writer.finish(), { queueMax_bytes: frameMax_bytes });
}

export function decodeNotice(frame: Uint8Array): OutcomeNotice {
  const notice = decodeBytes(frame, (reader) => ({
    height: reader.u64(),
    outcomes: reader.list({
      limit: transactionsMax,
      read: (each) => ({ hash: each.raw(32), word: words[each.u8()] ?? ("refused" as const) }),
    }),
  }));
  if (!notice.ok) throw new Error(notice.problem.detail);
  return notice.value;
}

interface OrderBytes {
  readonly hash: Uint8Array;
  readonly bytes: Uint8Array;
}

export function encodeOrders(orders: readonly OrderBytes[]): Uint8Array {
  const writer = new ByteWriter().u32(orders.length);
  for (const { hash, bytes } of orders) writer.raw(hash).block(bytes);
  return writer.finish();
}

function decodeOrders(frame: Uint8Array): readonly OrderBytes[] {
  const orders = decodeBytes(frame, (reader) =>
    reader.list({
      limit: transactionsMax,
      read: (each) => ({ hash: each.raw(32), bytes: each.block(transactionMax_bytes) }),
    }),
  );
  if (!orders.ok) throw new Error(orders.problem.detail);
  return orders.value;
}
