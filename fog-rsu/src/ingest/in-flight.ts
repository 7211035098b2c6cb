/** What a message costs beside its payload, so that empty ones are bounded too. */
const messageCost_bytes = 512;

/** What can be told to stop reading for a while. */
export interface Gate {
  hold(): void;
  release(): void;
}

/**
 * Bounds the bytes that were read from the network and wait for the disk: of one sender, and of all
 * together. A gate over its bound is held, and released when half of the bound is free again.
 */
export class InFlight {
  readonly #perSenderMax_bytes: number;
  readonly #totalMax_bytes: number;
  #total_bytes = 0;
  readonly #bySender = new Map<Gate, number>();
  readonly #held = new Set<Gate>();

  constructor(options: { perSenderMax_bytes: number; totalMax_bytes: number }) {
    this.#perSenderMax_bytes = options.perSenderMax_bytes;
    this.#totalMax_bytes = options.totalMax_bytes;
  }

  /** The returned function ends it; call it once. */
  begin(message: { gate: Gate; length_bytes: number }): () => void {
    const { gate } = message;
    const length_bytes = message.length_bytes + messageCost_bytes;
    const sender_bytes = (this.#bySender.get(gate) ?? 0) + length_bytes;
    this.#bySender.set(gate, sender_bytes);
    this.#total_bytes += length_bytes;
    if (sender_bytes > this.#perSenderMax_bytes || this.#total_bytes > this.#totalMax_bytes) {
      this.#held.add(gate);
      gate.hold();
    }
    return () => this.#end(gate, length_bytes);
  }

  get total_bytes(): number {
    return this.#total_bytes;
  }

  #end(gate: Gate, length_bytes: number): void {
    this.#total_bytes -= length_bytes;
    const left_bytes = (this.#bySender.get(gate) ?? 0) - length_bytes;
    if (left_bytes > 0) this.#bySender.set(gate, left_bytes);
    else this.#bySender.delete(gate);
    if (this.#held.size === 0 || this.#total_bytes > this.#totalMax_bytes / 2) return;
    for (const held of this.#held) {
      if ((this.#bySender.get(held) ?? 0) > this.#perSenderMax_bytes / 2) continue;
      this.#held.delete(held);
      held.release();
    }
  }
}
