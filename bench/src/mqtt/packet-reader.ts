/** One packet from a broker, as far as a bench looks at it. */
export type Incoming =
  | { readonly kind: "connack"; readonly code: number }
  | { readonly kind: "suback"; readonly codes: Uint8Array }
  | { readonly kind: "puback"; readonly id: number }
  | {
      readonly kind: "publish";
      readonly topic: string;
      /** Undefined with QoS 0. */
      readonly id: number | undefined;
      readonly payload_bytes: number;
    };

const kinds = { connack: 2, publish: 3, puback: 4, suback: 9 } as const;

/** Cuts a stream of bytes into packets. A payload is counted, not copied out. */
export class PacketReader {
  #left: Buffer | undefined;

  /** The packets that end in this chunk. Throws on one that no broker would send here. */
  read(chunk: Buffer, take: (packet: Incoming) => void): void {
    const bytes = this.#left === undefined ? chunk : Buffer.concat([this.#left, chunk]);
    let at = 0;
    for (;;) {
      const body = bodyOf(bytes, at);
      if (body === undefined || body.end > bytes.length) break;
      take(parse(bytes[at] ?? 0, bytes.subarray(body.start, body.end)));
      at = body.end;
    }
    this.#left = at === bytes.length ? undefined : bytes.subarray(at);
  }
}

/** Where the packet's body lies; undefined while its length is not there yet (§2.2.3). */
function bodyOf(bytes: Buffer, at: number): { start: number; end: number } | undefined {
  let length = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + 1 + i];
    if (byte === undefined) return undefined;
    length += (byte & 127) << (7 * i);
    if (byte < 128) return { start: at + 2 + i, end: at + 2 + i + length };
  }
  throw new Error("a packet's length has more than four bytes");
}

function parse(head: number, body: Buffer): Incoming {
  switch (head >> 4) {
    case kinds.connack:
      return { kind: "connack", code: body.readUInt8(1) };
    case kinds.suback:
      return { kind: "suback", codes: body.subarray(2) };
    case kinds.puback:
      return { kind: "puback", id: body.readUInt16BE(0) };
    case kinds.publish:
      return parsePublish(head, body);
    default:
      throw new Error(`a packet of type ${head >> 4} was not expected`);
  }
}

function parsePublish(head: number, body: Buffer): Incoming {
  const topicEnd = 2 + body.readUInt16BE(0);
  const hasId = ((head >> 1) & 3) > 0;
  return {
    kind: "publish",
    topic: body.toString("latin1", 2, topicEnd),
    id: hasId ? body.readUInt16BE(topicEnd) : undefined,
    payload_bytes: body.length - topicEnd - (hasId ? 2 : 0),
  };
}
