import { simulatedCrypto as crypto, simulatedSigner } from "../../simulation/keyed-hash.ts";
import { blockId } from "../block.ts";
import type { ChainRules } from "../longest-chain.ts";
import { createProofOfWork, isMined, majorityDepth } from "../proof-of-work.ts";
import { createPublishedAuthority, isAuthored } from "../published-authority.ts";
import { createRaft } from "../raft/raft.ts";
import { type RaftRules, raftRules } from "../raft/raft-rules.ts";
import { chainWellMade } from "./chain-well-made.ts";
import { booted, type Contestant, type SeatOptions } from "./contestant.ts";
import { growthAfterCalm } from "./growth-after-calm.ts";
import { oneChainInTheEnd } from "./one-chain-in-the-end.ts";
import { raftProperties } from "./raft-properties.ts";
import { toldBlocksSurvive } from "./told-blocks-survive.ts";

const hashesPerBlock = 8;
const powInterval_ms = 2000;
const slot_ms = 1000;
const committee = 3;
/** What the published comparison waits for before it calls a transaction irrevocable. */
const publishedDepth = 6;

/** Proof of work; the first replica of a lazy one claims blocks that it did not work for. */
export function proofOfWork(o: {
  readonly rules?: Partial<ChainRules>;
  readonly isLazy?: boolean;
}): Contestant {
  const isLiar = ({ replica }: SeatOptions): boolean => o.isLazy === true && replica === 0;
  return {
    name: "pow",
    latencyMax_ms: 60,
    clockOffsetMax_ms: 1000,
    faultsMax: 8,
    faultMax_ms: 15_000,
    storm_ms: 60_000,
    calm_ms: 60_000,
    isLiar,
    miningMean_ms: (seat) => (isLiar(seat) ? powInterval_ms : powInterval_ms * seat.replicas),
    boot: (seat, records) => {
      const machine = createProofOfWork(
        {
          crypto,
          replicas: seat.replicas,
          self: seat.replica,
          hashesPerBlock,
          refresh_ms: 500,
          announce_ms: 1000,
        },
        isLiar(seat) ? { isMade: () => true } : o.rules,
      );
      return booted({ machine, records });
    },
    checkers: ({ replicas, honest }) => [
      chainWellMade((block) => isMined(blockId(block, crypto), hashesPerBlock)),
      toldBlocksSurvive({ isExact: false }),
      oneChainInTheEnd({ depth: majorityDepth(replicas) }),
      growthAfterCalm({ seats: honest, blocks: 5 }),
    ],
  };
}

export type AuthorityLie = "forger" | "hasty";

/** Published authority; the first replica may forge signatures or run ahead of the slots. */
export function publishedAuthority(o: {
  readonly rules?: Partial<ChainRules>;
  readonly lie?: AuthorityLie;
}): Contestant {
  const isLiar = ({ replica }: SeatOptions): boolean => o.lie !== undefined && replica === 0;
  const keysOf = (replicas: number): readonly Uint8Array[] =>
    Array.from({ length: replicas }, (_, i) => simulatedSigner(i).publicKey);
  return {
    name: "poa-published",
    latencyMax_ms: 60,
    clockOffsetMax_ms: 100,
    faultsMax: 8,
    faultMax_ms: 15_000,
    storm_ms: 60_000,
    calm_ms: 60_000,
    isLiar,
    miningMean_ms: undefined,
    boot: (seat, records) => {
      const { replica, replicas } = seat;
      const lie = isLiar(seat) ? o.lie : undefined;
      const options = {
        crypto,
        keys: keysOf(replicas),
        signer: simulatedSigner(lie === "forger" ? replicas : replica),
        self: replica,
        committee: Math.min(committee, replicas),
        start_ms: 0,
        blockInterval_ms: lie === "hasty" ? slot_ms / 4 : slot_ms,
        epochSlots: 8,
        finalDepth: 0,
        announce_ms: 1000,
      };
      const rules = lie === "forger" ? { isMade: () => true } : o.rules;
      return booted({ machine: createPublishedAuthority(options, rules), records });
    },
    checkers: ({ replicas, honest }) => [
      chainWellMade((block, { parent, now_ms }) => {
        const isInTime = block.round <= Math.floor((now_ms + 100) / slot_ms) + 1;
        const isLater = parent === undefined || block.round > parent.round;
        return isInTime && isLater && isAuthored(block, { keys: keysOf(replicas), crypto });
      }),
      toldBlocksSurvive({ isExact: false }),
      oneChainInTheEnd({ depth: publishedDepth }),
      growthAfterCalm({ seats: honest, blocks: 5 }),
    ],
  };
}

export function raft(o: { readonly rules?: Partial<RaftRules> }): Contestant {
  return {
    name: "raft",
    latencyMax_ms: 20,
    clockOffsetMax_ms: 1000,
    faultsMax: 40,
    faultMax_ms: 1500,
    storm_ms: 15_000,
    calm_ms: 5000,
    isLiar: () => false,
    miningMean_ms: undefined,
    boot: ({ replica, replicas, seed }, records) => {
      const options = {
        crypto,
        replicas,
        self: replica,
        electionTimeout_ms: 150,
        heartbeat_ms: 50,
        blockInterval_ms: 0,
        seed,
      };
      const machine = createRaft(options, { ...raftRules, ...o.rules });
      return booted({
        machine,
        records,
        leads: ({ role, term }) => (role === "leader" ? term : undefined),
      });
    },
    checkers: ({ honest }) => [
      ...raftProperties(),
      chainWellMade(() => true),
      toldBlocksSurvive({ isExact: true }),
      oneChainInTheEnd({ depth: 1 }),
      growthAfterCalm({ seats: honest, blocks: 5 }),
    ],
  };
}
