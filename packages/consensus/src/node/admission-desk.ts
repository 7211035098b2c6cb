import { type Chain, type ConsortiumChange, decodeChange } from "@voltfog/ledger";

/** A request for a seat: the change that would give it, with the proof that the vote key's holder asks. */
export type SeatRequest = ConsortiumChange & { readonly kind: "admit-validator" };

/** Longest request on the wire. */
export const seatRequestMax_bytes = 1024;
/** As many as may follow; the oldest gives way. */
const requestsMax = 32;

/**
 * Requests for seats, said by validators without one to those who vote. They are only kept here: a member
 * proposes one to the chain, which checks all of it.
 */
export class AdmissionDesk {
  readonly #chain: Chain;
  /** This validator's own request, encoded; undefined where it needs no seat. */
  readonly #own: Uint8Array | undefined;
  readonly #requests = new Map<string, SeatRequest>();

  constructor(options: { chain: Chain; own: Uint8Array | undefined }) {
    this.#chain = options.chain;
    this.#own = options.own;
  }

  /** What a peer is to be told on connecting. */
  get toSay(): Uint8Array | undefined {
    if (this.#own === undefined) return undefined;
    const own = decodeChange(this.#own);
    const isSeated = own.ok && "id" in own.value && this.#hasSeat(own.value.id);
    return isSeated ? undefined : this.#own;
  }

  /** A connected peer's request, which must be for itself. */
  receive(peer: string | undefined, bytes: Uint8Array): void {
    const change = decodeChange(bytes);
    if (!change.ok || change.value.kind !== "admit-validator" || change.value.id !== peer) return;
    this.#requests.delete(peer);
    this.#requests.set(peer, change.value);
    const [oldest] = this.#requests.keys();
    if (this.#requests.size > requestsMax && oldest !== undefined) this.#requests.delete(oldest);
  }

  /** Those that have no seat yet. */
  get waiting(): readonly SeatRequest[] {
    for (const id of this.#requests.keys()) if (this.#hasSeat(id)) this.#requests.delete(id);
    return [...this.#requests.values()];
  }

  #hasSeat(id: string): boolean {
    return this.#chain.validators.some((seat) => seat.id === id);
  }
}
