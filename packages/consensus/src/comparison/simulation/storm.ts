import type { Random } from "@voltfog/runtime";

/** A fault that lasts from a moment for a while. */
export type StormFault =
  | {
      readonly type: "partition";
      readonly at_ms: number;
      readonly for_ms: number;
      readonly groups: readonly number[];
    }
  | {
      readonly type: "crash";
      readonly at_ms: number;
      readonly for_ms: number;
      readonly seat: number;
    }
  | {
      readonly type: "slow";
      readonly at_ms: number;
      readonly for_ms: number;
      readonly seat: number;
      readonly extra_ms: number;
    };

/** What the network and the machines go through before they are left in peace. */
export interface Storm {
  readonly seats: number;
  readonly latency_ms: number;
  readonly loss: number;
  readonly duplication: number;
  readonly faults: readonly StormFault[];
  /** By seat: how far its clock is off. */
  readonly clockOffsets_ms: readonly number[];
  /** After this nothing fails any more. */
  readonly end_ms: number;
}

export function stormOf(options: {
  readonly random: Random;
  readonly seats: number;
  readonly end_ms: number;
  /** Of messages between two replicas, most. */
  readonly latencyMax_ms: number;
  readonly clockOffsetMax_ms: number;
  readonly faultsMax: number;
  readonly faultMax_ms: number;
}): Storm {
  const { random, seats, end_ms } = options;
  const below = (limit: number): number => Math.floor(limit * random.uniform());
  const fault = (): StormFault => {
    const at_ms = below(end_ms);
    const for_ms = Math.min(end_ms - at_ms, below(options.faultMax_ms));
    const when = { at_ms, for_ms };
    const kind = random.uniform();
    if (kind < 0.4) {
      const groups = Array.from({ length: seats }, () => below(2));
      return { type: "partition", ...when, groups };
    }
    if (kind < 0.8) return { type: "crash", ...when, seat: below(seats) };
    const extra_ms = below(10 * options.latencyMax_ms);
    return { type: "slow", ...when, seat: below(seats), extra_ms };
  };
  return {
    seats,
    latency_ms: 1 + below(options.latencyMax_ms),
    loss: 0.1 * random.uniform(),
    duplication: 0.05 * random.uniform(),
    faults: Array.from({ length: 3 + below(options.faultsMax - 2) }, fault),
    clockOffsets_ms: Array.from(
      { length: seats },
      () => below(2 * options.clockOffsetMax_ms + 1) - options.clockOffsetMax_ms,
    ),
    end_ms,
  };
}

/** How long after each other the copies of a message arrive; none where it is lost. */
export function arrivals_ms(
  storm: Storm,
  { from, to, now_ms, random }: { from: number; to: number; now_ms: number; random: Random },
): readonly number[] {
  const delay_ms = (): number => storm.latency_ms * (0.5 + random.uniform());
  if (now_ms >= storm.end_ms) return [delay_ms()];
  let extra_ms = 0;
  for (const fault of storm.faults) {
    if (now_ms < fault.at_ms || now_ms >= fault.at_ms + fault.for_ms) continue;
    if (fault.type === "partition" && fault.groups[from] !== fault.groups[to]) return [];
    const isSlow = fault.type === "slow" && (fault.seat === from || fault.seat === to);
    if (isSlow) extra_ms += fault.extra_ms;
  }
  if (random.uniform() < storm.loss) return [];
  const first_ms = delay_ms() + extra_ms;
  const isDoubled = random.uniform() < storm.duplication;
  return isDoubled ? [first_ms, first_ms + 4 * delay_ms()] : [first_ms];
}
