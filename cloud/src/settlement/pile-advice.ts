import {
  chargePointKeys,
  chargePointOf,
  operatorIds,
  pileOf,
  pileZones,
  type StateTree,
  zonePiles,
} from "@voltfog/ledger";
import type { PileAdviceView } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import type { PileUse } from "./settlement-book.ts";

/** A pile that could charge, and for how long in a day. */
export interface ListedPile {
  readonly pile: string;
  readonly operator: string | null;
  readonly offered_min: number;
}

const day_min = 1440;
const pilesMax = 2000;
/** Below: idle. A public pile that is taken 1.2 hours a day does not pay its place. */
const idleBelow = 0.05;
/** A pile that was watched for less may be idle because it is night. */
const watchedMin_d = 1;
/** From here on a driver who comes finds it taken more often than not. */
const missingFrom = 0.6;

/**
 * How much each pile was used, and what to do: points that operators registered and private piles that are
 * listed, the busiest first. At most 2,000.
 */
export function pileAdvice(options: {
  state: StateTree;
  used: readonly PileUse[];
  /** That the use is of. */
  window_d: number;
}): readonly PileAdviceView[] {
  const { state, used, window_d } = options;
  const uses = new Map(used.map((use) => [use.pile, use]));
  return [...stationPiles(state), ...privatePiles(state)]
    .slice(0, pilesMax)
    .map((listed) => adviceOf(listed, uses.get(listed.pile), window_d))
    .sort((a, b) => b.utilisation - a.utilisation || (a.pile < b.pile ? -1 : 1));
}

function stationPiles(state: StateTree): readonly ListedPile[] {
  return operatorIds(state).flatMap((operator) =>
    chargePointKeys(state, operator).flatMap((key) => {
      const point = chargePointOf(state, key);
      if (point === undefined || point.removedHeight !== undefined) return [];
      return [{ pile: point.pileId, operator, offered_min: day_min }];
    }),
  );
}

function privatePiles(state: StateTree): readonly ListedPile[] {
  return pileZones(state).flatMap((zone) =>
    zonePiles(state, zone).flatMap((key) => {
      const windows = pileOf(state, key)?.terms.windows ?? [];
      const offered_min = windows.reduce((sum, { from_min, to_min }) => sum + to_min - from_min, 0);
      return offered_min > 0 ? [{ pile: toHex(key), operator: null, offered_min }] : [];
    }),
  );
}

/** What the use of so many days says about one pile. */
export function adviceOf(
  { pile, operator, offered_min }: ListedPile,
  use: PileUse | undefined,
  window_d: number,
): PileAdviceView {
  const busy_min = (use?.busy_ms ?? 0) / 60_000;
  const utilisation = Math.min(1, busy_min / (offered_min * window_d));
  const { sessions = 0, energy_Wh = 0 } = use ?? {};
  const days = Math.round(window_d * 10) / 10;
  const share = `${Math.round(utilisation * 1000) / 10} % of its time in ${days} days`;
  const advice = window_d < watchedMin_d ? "early" : kindOf(utilisation);
  const sentences = {
    early: "Watched for less than a day, which is too short to say anything.",
    idle: `Charges ${share}: lower its price off-peak, or move it to where piles are missing.`,
    ordinary: `Charges ${share}.`,
    missing: `Charges ${share}: who comes finds it taken. Another pile is missing here.`,
  };
  return { pile, operator, sessions, energy_Wh, utilisation, advice, sentence: sentences[advice] };
}

function kindOf(utilisation: number): PileAdviceView["advice"] {
  if (utilisation < idleBelow) return "idle";
  return utilisation < missingFrom ? "ordinary" : "missing";
}
