import type { ConsensusNode } from "@voltfog/consensus/node";
import { toHex } from "@voltfog/runtime";
import { Gauge, Histogram, type Registry } from "prom-client";

/** Own submissions whose finality is being timed at most; later ones go untimed. */
const timedMax = 10_000;

/** What the validator measures: its place in the chain, its peers, and how long finality takes. */
export class ValidatorMetrics {
  readonly #submitted_ms = new Map<string, number>();
  readonly #finality_s: Histogram;
  readonly #blockTransactions: Histogram;

  constructor(options: {
    registry: Registry;
    node: ConsensusNode;
    connectedPeers: () => number;
  }) {
    const { node, connectedPeers } = options;
    const registers = [options.registry];
    const gauge = (name: string, help: string, read: () => number): void => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    };
    gauge("voltfog_validator_height", "last final height", () => node.height);
    gauge("voltfog_validator_round", "round of the height being decided", () => node.round);
    gauge("voltfog_validator_peers", "validators connected", connectedPeers);
    gauge("voltfog_validator_mempool", "transactions that wait", () => node.mempoolSize);
    gauge(
      "voltfog_validator_unreadable",
      "frames of peers that did not read",
      () => node.unreadable,
    );
    gauge("voltfog_validator_dropped", "messages lost because too many waited", () => node.dropped);
    this.#finality_s = new Histogram({
      name: "voltfog_validator_finality_seconds",
      help: "time from taking a client's transaction until its block is final and durable here",
      buckets: [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 5, 10],
      registers,
    });
    this.#blockTransactions = new Histogram({
      name: "voltfog_validator_block_transactions",
      help: "transactions in a final block",
      buckets: [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096],
      registers,
    });
  }

  submitted(hash: Uint8Array, at_ms: number): void {
    if (this.#submitted_ms.size < timedMax) this.#submitted_ms.set(toHex(hash), at_ms);
  }

  final(block: { transactions: readonly Uint8Array[]; at_ms: number }): void {
    this.#blockTransactions.observe(block.transactions.length);
    for (const hash of block.transactions) {
      const name = toHex(hash);
      const submitted_ms = this.#submitted_ms.get(name);
      if (submitted_ms === undefined) continue;
      this.#submitted_ms.delete(name);
      this.#finality_s.observe((block.at_ms - submitted_ms) / 1000);
    }
  }
}
