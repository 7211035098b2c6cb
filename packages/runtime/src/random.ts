/** Chance as a port. Secrets need the system's source; simulations need a seed. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  bytes(length_bytes: number): Uint8Array;
}

/**
 * A repeatable source for simulations, never for keys or salts.
 * Source: PCG-style mulberry32 by Tommy Ettinger (public domain), state of 32 bits.
 */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  bytes(length_bytes: number): Uint8Array {
    return Uint8Array.from({ length: length_bytes }, () => Math.floor(this.uniform() * 256));
  }
}

/** A standard normal draw by Box–Muller. */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
  return radius * Math.cos(2 * Math.PI * random.uniform());
}
