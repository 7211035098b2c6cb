import type { Checker } from "./observed.ts";

/** After the storm every replica has blocks final again. */
export function growthAfterCalm(options: { seats: readonly number[]; blocks: number }): Checker {
  const { seats, blocks } = options;
  let isCalm = false;
  const grown = new Map<number, number>();
  return {
    name: "growth-after-calm",
    see: (observed) => {
      if (observed.type === "calm") isCalm = true;
      if (observed.type === "final" && isCalm) {
        grown.set(observed.seat, (grown.get(observed.seat) ?? 0) + 1);
      }
      if (observed.type !== "end") return undefined;
      const poor = seats.find((seat) => (grown.get(seat) ?? 0) < blocks);
      return poor === undefined ? undefined : `seat ${poor}: ${grown.get(poor) ?? 0} final blocks`;
    },
  };
}
