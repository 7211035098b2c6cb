import type { Random } from "@voltfog/runtime";
import type { PoaMessage } from "../poa/message.ts";

/** What gets lost: one kind of vote, all that tells of a decision, or everything. */
export type Lost = PoaMessage["type"] | "decisions" | "everything";

/** One thing that goes wrong for a while. */
export type Fault = { readonly at_ms: number; readonly for_ms: number } & (
  | { readonly type: "crash"; readonly voter: number; readonly afterVote: boolean }
  | { readonly type: "partition"; readonly groups: readonly number[] }
  /** Some links lose some of their messages; `links` has one entry for every ordered pair of voters. */
  | {
      readonly type: "loss";
      readonly rate: number;
      readonly of: Lost;
      readonly links: readonly boolean[];
    }
  | { readonly type: "slow"; readonly voter: number; readonly extra_ms: number }
);

/** How a voter lies: two machines with one key, hiding what it committed to, or both and more. */
export type FaultyStyle = "twins" | "forgetful" | "usurper";

export interface FaultPlan {
  readonly voters: number;
  readonly faults: readonly Fault[];
  readonly faulty: ReadonlyMap<number, FaultyStyle>;
  readonly clockSkews_ms: readonly number[];
  /** Share of messages lost and delivered twice while faults last. */
  readonly loss: number;
  readonly duplication: number;
  readonly latency_ms: number;
}

export const faultPhase_ms = 3000;

const styles: readonly FaultyStyle[] = ["twins", "forgetful", "usurper"];
/** Twice as likely: a block that is final at one voter only is where agreement is lost or kept. */
const losses: readonly Lost[] = [
  "proposal",
  "prepare",
  "commit",
  "round-change",
  "decisions",
  "decisions",
  "everything",
];

/** What goes wrong in one run: three to eight faults, and in two of three runs liars up to the limit. */
export function planFaults(options: {
  random: Random;
  voters: number;
  faultLimit: number;
  /** Every liar lies like this, and there are liars; by chance where not given. */
  style: FaultyStyle | undefined;
}): FaultPlan {
  const { random, voters } = options;
  const pick = (below: number): number => Math.floor(random.uniform() * below);
  const faulty = new Map<number, FaultyStyle>();
  if (options.style !== undefined || random.uniform() < 0.67) {
    for (let i = 0; i < options.faultLimit; i++) {
      faulty.set(pick(voters), options.style ?? styles[pick(styles.length)] ?? "twins");
    }
  }
  const faults = Array.from({ length: 3 + pick(6) }, () => planFault({ random, voters, pick }));
  return {
    voters,
    faults,
    faulty,
    clockSkews_ms: Array.from({ length: voters }, () => 40 * random.uniform() - 20),
    loss: random.uniform() < 0.5 ? 0 : 0.15 * random.uniform(),
    duplication: 0.05 * random.uniform(),
    latency_ms: 1 + 12 * random.uniform(),
  };
}

function planFault(options: {
  random: Random;
  voters: number;
  pick: (below: number) => number;
}): Fault {
  const { random, voters, pick } = options;
  const time = { at_ms: faultPhase_ms * random.uniform(), for_ms: 20 + 1200 * random.uniform() };
  switch (pick(5)) {
    case 0:
      return { type: "crash", ...time, voter: pick(voters), afterVote: false };
    case 1: {
      const for_ms = 5 + 60 * random.uniform();
      return { type: "crash", ...time, for_ms, voter: pick(voters), afterVote: true };
    }
    case 2:
      return { type: "partition", ...time, groups: Array.from({ length: voters }, () => pick(2)) };
    case 3: {
      const of = losses[pick(losses.length)] ?? "everything";
      const share = random.uniform();
      const links = Array.from({ length: voters * voters }, () => random.uniform() < share);
      return { type: "loss", ...time, rate: 0.5 + 0.5 * random.uniform(), of, links };
    }
    default:
      return { type: "slow", ...time, voter: pick(voters), extra_ms: 200 * random.uniform() };
  }
}
