import type { Chain } from "@voltfog/ledger";
import type { Transport } from "../transport.ts";

/** Which connection belongs to which voter of the height that is being decided. */
export class VoterLinks {
  readonly #chain: Chain;
  readonly #transport: Transport;
  /** Whose validators the transport keeps to. */
  #epoch: number;

  constructor(options: { chain: Chain; transport: Transport }) {
    this.#chain = options.chain;
    this.#transport = options.transport;
    this.#epoch = options.chain.epoch;
  }

  /** The peer that holds a voter's seat; undefined where it was never met. */
  peerOf(voter: number): number | undefined {
    const id = this.#chain.validators[voter]?.id;
    return id === undefined ? undefined : this.#transport.numberOf(id);
  }

  /** Those of them that were ever met. */
  peersOf(voters: readonly number[]): readonly number[] {
    return voters.flatMap((voter) => this.peerOf(voter) ?? []);
  }

  /** The seat of a peer; undefined for one that only follows. */
  voterOf(peer: number): number | undefined {
    const id = this.#transport.idOf(peer);
    const voter = this.#chain.validators.findIndex((seat) => seat.id === id);
    return voter < 0 ? undefined : voter;
  }

  /** Whether a validator is connected now. */
  isConnected(id: string): boolean {
    const peer = this.#transport.numberOf(id);
    return peer !== undefined && this.#transport.isConnected(peer);
  }

  /** After a final block: where the validators changed, the transport dials and cuts off. */
  follow(): void {
    if (this.#chain.epoch === this.#epoch) return;
    this.#epoch = this.#chain.epoch;
    this.#transport.review();
  }
}
