/** What a stream of MQTT bytes may hold before the broker's parser sees it. */
export interface PacketLimits {
  /** The first packet; nobody has been authenticated yet. */
  readonly connectMax_bytes: number;
  readonly publishMax_bytes: number;
  /** Every other kind. */
  readonly controlMax_bytes: number;
}

export interface PacketExcess {
  readonly code: "NOT_CONNECT" | "LENGTH_MALFORMED" | "PACKET_TOO_LARGE";
  readonly length_bytes: number;
}

const connectType = 1;
const publishType = 3;
const lengthBytesMax = 4;

/**
 * Counts packets and checks their announced lengths in passing, so that a length is refused when it
 * is announced, not after it was gathered in memory. Source: MQTT 3.1.1 §2.2 (fixed header).
 */
export class PacketMeter {
  readonly #limits: PacketLimits;
  #packets = 0;
  #type = 0;
  #length_bytes = 0;
  #lengthBytes = 0;
  #state: "type" | "length" | "body" = "type";
  #left_bytes = 0;

  constructor(limits: PacketLimits) {
    this.#limits = limits;
  }

  /** Packets begun so far. */
  get packets(): number {
    return this.#packets;
  }

  /** The first excess in this chunk, or undefined when all of it may pass. */
  check(chunk: Uint8Array): PacketExcess | undefined {
    for (let at = 0; at < chunk.length; ) {
      if (this.#state === "body") {
        const skipped_bytes = Math.min(this.#left_bytes, chunk.length - at);
        at += skipped_bytes;
        this.#left_bytes -= skipped_bytes;
        if (this.#left_bytes === 0) this.#state = "type";
        continue;
      }
      const excess = this.#headerByte(chunk[at] ?? 0);
      if (excess !== undefined) return excess;
      at += 1;
    }
    return undefined;
  }

  #headerByte(byte: number): PacketExcess | undefined {
    if (this.#state === "type") {
      this.#type = byte >> 4;
      this.#length_bytes = 0;
      this.#lengthBytes = 0;
      this.#packets += 1;
      this.#state = "length";
      if (this.#packets > 1 || this.#type === connectType) return undefined;
      return { code: "NOT_CONNECT", length_bytes: 0 };
    }
    this.#length_bytes += (byte & 127) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    if (byte > 127) {
      if (this.#lengthBytes < lengthBytesMax) return undefined;
      return { code: "LENGTH_MALFORMED", length_bytes: this.#length_bytes };
    }
    this.#state = this.#length_bytes === 0 ? "type" : "body";
    this.#left_bytes = this.#length_bytes;
    if (this.#length_bytes <= this.#max_bytes()) return undefined;
    return { code: "PACKET_TOO_LARGE", length_bytes: this.#length_bytes };
  }

  #max_bytes(): number {
    if (this.#packets === 1) return this.#limits.connectMax_bytes;
    return this.#type === publishType
      ? this.#limits.publishMax_bytes
      : this.#limits.controlMax_bytes;
  }
}
