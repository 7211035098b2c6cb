import type { ComparisonEngine } from "@voltfog/consensus/comparison-node";

/** Engines under the load of battery records, in the order of the page. */
export const batteryEngines = ["poa", "pbft", "poa-published", "pow", "raft"] as const;

export type BatteryEngine = (typeof batteryEngines)[number];

/** Those that a chain can run: the ledger's modules, its snapshots and its certificates. */
export function isProduct(engine: BatteryEngine): engine is "poa" | "pbft" {
  return engine === "poa" || engine === "pbft";
}

/** Hashes a second of all miners together: the block interval sets how many a block takes. */
export const hashRate_Hz = 100_000;

/** As many verify in the published description: its RSU1, RSU2 and RSU3 (D5.3, §5.1.3). */
export const publishedCommittee = 3;

/** Replicas that may lie and do no harm, or that may be down where lying is not looked for. */
export function faultyMax(engine: BatteryEngine, n: number): number {
  switch (engine) {
    case "poa":
    case "pbft":
      return Math.floor((n - 1) / 3);
    case "raft":
    case "pow":
      return Math.floor((n - 1) / 2);
    case "poa-published":
      return 0;
  }
}

/** Settings of an engine that is there for comparison; `keys` are all replicas' by their places. */
export function comparisonEngine(o: {
  engine: Exclude<BatteryEngine, "poa" | "pbft">;
  n: number;
  blockInterval_ms: number;
  start_ms: number;
  keys: readonly Uint8Array[];
  signer: Extract<ComparisonEngine, { name: "poa-published" }>["signer"];
}): ComparisonEngine {
  const { engine, n, blockInterval_ms, start_ms, keys, signer } = o;
  switch (engine) {
    case "pow":
      return {
        name: engine,
        hashesPerBlock: Math.round((hashRate_Hz * blockInterval_ms) / 1000),
        hashesPerSecond: Math.round(hashRate_Hz / n),
      };
    case "poa-published":
      return {
        ...{ name: engine, keys, signer, start_ms, blockInterval_ms },
        committee: Math.min(publishedCommittee, n),
      };
    case "raft":
      return { name: engine, blockInterval_ms, electionTimeout_ms: 1000, heartbeat_ms: 100 };
  }
}
