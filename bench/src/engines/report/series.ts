import { engineNames } from "@voltfog/ledger";
import type { Facts } from "@voltfog/runtime";
import type { LineSeries } from "./plot/line-plot.ts";
import type { Ink } from "./plot/mark.ts";
import { itemsOf, medianOf, numbersOf } from "./result-items.ts";

const compared: readonly Ink[] = [...engineNames, "pow", "poa-published", "raft"];

/** One line for each engine among the items: y over x, the median where several items share an x. */
export function seriesBy(
  items: readonly Facts[],
  axes: {
    readonly x: string;
    readonly y: string;
    /** What numbers are multiplied by, as 0.001 for milliseconds in seconds. */
    readonly xScale?: number;
    readonly yScale?: number;
  },
): LineSeries[] {
  const { x, y, xScale = 1, yScale = 1 } = axes;
  return compared.map((engine) => {
    const own = itemsOf(items, { engine });
    const points = numbersOf(own, x).flatMap((at) => {
      const value = medianOf(itemsOf(own, { [x]: at }), y);
      return value === undefined ? [] : [{ x: at * xScale, y: value * yScale }];
    });
    return { name: engine, ink: engine, points };
  });
}
