import { assert, type Crypto, type Signer } from "@voltfog/runtime";
import { type RunningMachine, runMachine } from "../../comparison/machine.ts";
import { createProofOfWork } from "../../comparison/proof-of-work.ts";
import { createPublishedAuthority } from "../../comparison/published-authority.ts";
import { createRaft } from "../../comparison/raft/raft.ts";

/** Which engine a run compares with, and its settings. */
export type ComparisonEngine =
  | {
      readonly name: "pow";
      /** Hashes that a block takes on average. */
      readonly hashesPerBlock: number;
      /** Most hashes a second of this replica; without it, all that the machine gives. */
      readonly hashesPerSecond?: number;
      /** Blocks on top of a final one; ⌊n/2⌋+1 where nothing is given. */
      readonly finalDepth?: number;
    }
  | {
      readonly name: "poa-published";
      /** Keys of all authorities, by replica. */
      readonly keys: readonly Uint8Array[];
      readonly signer: Signer;
      /** How many of them verify at a time. */
      readonly committee: number;
      /** Wall time at which slot 0 began: the same for all replicas, and past when they start. */
      readonly start_ms: number;
      readonly blockInterval_ms: number;
      /** Blocks on top of a final one; 0 where nothing is given, for the published design commits at once. */
      readonly finalDepth?: number;
    }
  | {
      readonly name: "raft";
      /** Least time between two blocks; 0 makes one as soon as the last is final. */
      readonly blockInterval_ms: number;
      readonly electionTimeout_ms: number;
      readonly heartbeat_ms: number;
    };

const refresh_ms = 250;
const announce_ms = 1000;
const epochSlots = 16;

/** The machine of an engine, as it was when the last of the records became durable. */
export function startEngine(
  options: {
    readonly engine: ComparisonEngine;
    readonly replicas: readonly string[];
    readonly self: number;
    readonly crypto: Crypto;
  },
  records: readonly Uint8Array[],
): RunningMachine {
  const { crypto, self, engine } = options;
  const replicas = options.replicas.length;
  switch (engine.name) {
    case "pow": {
      const pow = { ...engine, crypto, replicas, self, refresh_ms, announce_ms };
      return runMachine(createProofOfWork(pow), records);
    }
    case "poa-published": {
      assert(engine.keys.length === replicas, "every replica is an authority");
      const finalDepth = engine.finalDepth ?? 0;
      const authority = { ...engine, crypto, self, epochSlots, finalDepth, announce_ms };
      return runMachine(createPublishedAuthority(authority), records);
    }
    case "raft": {
      const raft = { ...engine, crypto, replicas, self, seed: 0 };
      return runMachine(createRaft(raft), records);
    }
  }
}
