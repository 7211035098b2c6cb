/** Cuts one direction of a connection into its messages. */
export class ByteStream<T> {
  readonly #next: (bytes: Buffer) => { message: T; length_bytes: number } | undefined;
  #rest: Buffer = Buffer.alloc(0);

  /** `next` gives the message at the start of the bytes and its length, or undefined while it is not whole. */
  constructor(next: (bytes: Buffer) => { message: T; length_bytes: number } | undefined) {
    this.#next = next;
  }

  /** The messages that these bytes complete. */
  take(bytes: Buffer): readonly T[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const messages: T[] = [];
    for (let found = this.#next(this.#rest); found; found = this.#next(this.#rest)) {
      messages.push(found.message);
      this.#rest = this.#rest.subarray(found.length_bytes);
    }
    return messages;
  }
}

/** The parts of MQTT 3.1.1 that tell when a frame was sent and acknowledged. */
export type MqttPacket =
  | {
      readonly type: "publish";
      readonly id: number;
      readonly topic: string;
      readonly payload: Buffer;
    }
  | { readonly type: "puback"; readonly id: number }
  | { readonly type: "other" };

/** MQTT 3.1.1 §2.2: type and flags, the length in groups of seven bits, then so many bytes. */
export function mqttPacket(
  bytes: Buffer,
): { message: MqttPacket; length_bytes: number } | undefined {
  let body_bytes = 0;
  let at = 1;
  for (let shift = 0; ; shift += 7) {
    const group = bytes[at++];
    if (group === undefined) return undefined;
    body_bytes += (group & 0x7f) * 2 ** shift;
    if (group < 0x80) break;
  }
  const length_bytes = at + body_bytes;
  if (bytes.length < length_bytes) return undefined;
  return { message: packetOf(bytes[0] ?? 0, bytes.subarray(at, length_bytes)), length_bytes };
}

function packetOf(first: number, body: Buffer): MqttPacket {
  if (first >> 4 === 4) return { type: "puback", id: body.readUInt16BE(0) };
  const hasId = ((first >> 1) & 3) > 0;
  if (first >> 4 !== 3 || !hasId) return { type: "other" };
  const topicEnd = 2 + body.readUInt16BE(0);
  return {
    type: "publish",
    id: body.readUInt16BE(topicEnd),
    topic: body.subarray(2, topicEnd).toString(),
    payload: body.subarray(topicEnd + 2),
  };
}

/** The validators' links: a length of 32 bits, then so many bytes. */
export function linkFrame(bytes: Buffer): { message: Buffer; length_bytes: number } | undefined {
  if (bytes.length < 4) return undefined;
  const length_bytes = 4 + bytes.readUInt32BE(0);
  if (bytes.length < length_bytes) return undefined;
  return { message: bytes.subarray(4, length_bytes), length_bytes };
}
