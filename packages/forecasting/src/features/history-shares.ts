import type { NetworkMemory } from "./network-memory.ts";

const slots = 24;
/** Observations that the wider habit counts as, beside the narrower one's own. */
const networkWeight = 3;
const pointWeight = 6;

/**
 * How often a point was in each class: overall, drawn to the network's habit, and at an hour of the
 * day (the two hours around count half), drawn to its overall habit. Shares sum to 1.
 */
export function historyShares(
  memory: NetworkMemory,
  {
    point,
    slot,
    overall,
    atSlot,
  }: { point: number; slot: number; overall: Float64Array; atSlot: Float64Array },
): void {
  const { classCount } = memory.settings;
  const first = point * classCount;
  const seen = memory.seen[point] ?? 0;
  let atSlotSeen = 0;
  for (let c = 0; c < classCount; c++) {
    const network = memory.networkEver[c] ?? 0;
    overall[c] =
      ((memory.counts[first + c] ?? 0) + networkWeight * network) / (seen + networkWeight);
    const around = [slot, (slot + 1) % slots, (slot + slots - 1) % slots].map(
      (one) => memory.slotCounts[(point * slots + one) * classCount + c] ?? 0,
    );
    atSlot[c] = (around[0] ?? 0) + 0.5 * ((around[1] ?? 0) + (around[2] ?? 0));
    atSlotSeen += atSlot[c] ?? 0;
  }
  for (let c = 0; c < classCount; c++) {
    atSlot[c] = ((atSlot[c] ?? 0) + pointWeight * (overall[c] ?? 0)) / (atSlotSeen + pointWeight);
  }
}
