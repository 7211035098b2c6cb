import type { ComparisonPacket } from "../../comparison/message.ts";

/** What messages are for, in the words of the product's engines. */
export type TrafficKind =
  | "proposal"
  | "commit"
  | "round-change"
  | "transactions"
  | "blocks"
  | "other";

export interface KindTraffic {
  readonly messages: number;
  readonly sent_bytes: number;
}

/** Messages that left a replica, by kind; one to three receivers counts three. */
export class Traffic {
  readonly #kinds = new Map<TrafficKind, KindTraffic>();

  count(packet: ComparisonPacket, sent_bytes: number): void {
    const kind = kindOf(packet);
    const before = this.#kinds.get(kind) ?? { messages: 0, sent_bytes: 0 };
    this.#kinds.set(kind, {
      messages: before.messages + 1,
      sent_bytes: before.sent_bytes + sent_bytes,
    });
  }

  get kinds(): ReadonlyMap<TrafficKind, KindTraffic> {
    return new Map(this.#kinds);
  }
}

function kindOf(packet: ComparisonPacket): TrafficKind {
  switch (packet.type) {
    case "block":
      return "proposal";
    case "append":
      return packet.blocks.length > 0 ? "proposal" : "other";
    case "appended":
      return "commit";
    case "vote-request":
    case "vote":
      return "round-change";
    case "records":
      return "transactions";
    case "blocks":
    case "block-request":
      return "blocks";
    default:
      return "other";
  }
}
