import { TokenBucket } from "./token-bucket.ts";

export interface Rate {
  /** Per second. */
  readonly rate_bytes: number;
  /** Per second. */
  readonly ratePackets: number;
}

/** What one device may send: bytes and packets, over all its connections together. */
export class Allowance {
  readonly #bytes: TokenBucket;
  readonly #packets: TokenBucket;
  #spent = { packets: 0, length_bytes: 0 };

  constructor(options: Rate & { now_ms: number }) {
    const { rate_bytes, ratePackets, now_ms } = options;
    this.#bytes = new TokenBucket({ rate: rate_bytes, now_ms });
    this.#packets = new TokenBucket({ rate: ratePackets, now_ms });
  }

  spend(read: { length_bytes: number; packets: number }): void {
    this.#bytes.spend(read.length_bytes);
    this.#packets.spend(read.packets);
    const { packets, length_bytes } = this.#spent;
    this.#spent = {
      packets: packets + read.packets,
      length_bytes: length_bytes + read.length_bytes,
    };
  }

  /** All that was ever read. */
  get spent(): { readonly packets: number; readonly length_bytes: number } {
    return this.#spent;
  }

  /** How long until more may be read; 0 when it may be now. */
  wait_ms(now_ms: number): number {
    return Math.max(this.#bytes.wait_ms(now_ms), this.#packets.wait_ms(now_ms));
  }

  /** How much to read at once, so that a narrow limit is overdrawn by little. */
  get portion_bytes(): number {
    return Math.max(1, Math.floor(this.#bytes.left));
  }

  change({ rate_bytes, ratePackets, now_ms }: Rate & { now_ms: number }): void {
    this.#bytes.change({ rate: rate_bytes, now_ms });
    this.#packets.change({ rate: ratePackets, now_ms });
  }
}
