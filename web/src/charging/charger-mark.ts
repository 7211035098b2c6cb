import type { ChargerFacts, PlugType, PointFeature } from "../api/shapes.ts";
import { drawnAt, type Frame, isDrawn, type MapView, type Point } from "./map-view.ts";
import { positionOf } from "./position.ts";

/** How a charger stands now, as far as its feed says. */
export type MarkKind = "free" | "full" | "out";

export interface ChargerMark extends Point {
  readonly id: string;
  readonly name: string;
  readonly kind: MarkKind;
  /** Place among the recommended; undefined for the others. */
  readonly rank: number | undefined;
}

export type Charger = PointFeature<ChargerFacts>;

/** More than this in one drawing cannot be told apart; those nearest to the middle are drawn. */
const marksMax = 600;
/** A finger is that wide, in the drawing's units. */
const reach = 22;

export const kindNames: Readonly<Record<MarkKind, string>> = {
  free: "free plug",
  full: "all taken",
  out: "out of service",
};

export function kindOf({ inService, free }: ChargerFacts): MarkKind {
  if (inService === 0) return "out";
  return free > 0 ? "free" : "full";
}

/** Plugs of all these chargers. */
export function plugCounts(chargers: readonly Charger[]): {
  readonly free: number;
  readonly inService: number;
} {
  const sum = (key: "free" | "inService"): number =>
    chargers.reduce((total, { properties }) => total + properties[key], 0);
  return { free: sum("free"), inService: sum("inService") };
}

/** Whether some plug may fit; which one does is known to the server. */
export function canServe(
  { types, powerMax_kW }: ChargerFacts,
  filter: { readonly plugs: readonly PlugType[]; readonly powerMin_kW: number },
): boolean {
  return powerMax_kW >= filter.powerMin_kW && types.some((type) => filter.plugs.includes(type));
}

/** A shape for each kind, so that colour is never alone: disc, square, cross. Around 0, 0. */
export function markPath(kind: MarkKind, size: number): string {
  if (kind === "free")
    return `M${-size} 0a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0z`;
  const half = round(size * 0.9);
  if (kind === "full") return `M${-half} ${-half}h${2 * half}v${2 * half}h${-2 * half}z`;
  return `M${-half} ${-half}L${half} ${half}M${-half} ${half}L${half} ${-half}`;
}

/** The chargers in the view, the recommended last, so that they are drawn above the others. */
export function marksIn(
  chargers: readonly Charger[],
  options: {
    readonly view: MapView;
    readonly frame: Frame;
    readonly ranks: ReadonlyMap<string, number>;
  },
): readonly ChargerMark[] {
  const { view, frame, ranks } = options;
  const middle = { x: frame.width / 2, y: frame.height / 2 };
  return chargers
    .map((charger) => ({
      ...drawnAt(positionOf(charger), view, frame),
      id: charger.id,
      name: charger.properties.name,
      kind: kindOf(charger.properties),
      rank: ranks.get(charger.id),
    }))
    .filter((mark) => isDrawn(mark, frame, 12))
    .sort((a, b) => (a.rank ?? 1e6) - (b.rank ?? 1e6) || distance(a, middle) - distance(b, middle))
    .slice(0, marksMax)
    .reverse();
}

/** The mark that a tap means: the nearest within a finger's width. */
export function markAt(point: Point, marks: readonly ChargerMark[]): ChargerMark | undefined {
  const [best] = marks
    .map((mark) => ({ mark, away: distance(mark, point) }))
    .filter(({ away }) => away <= reach)
    .sort((a, b) => a.away - b.away);
  return best?.mark;
}

/** What a map shows, in words. */
export function marksText(marks: readonly ChargerMark[]): string {
  if (marks.length === 0) return "No charger in view.";
  const count = (kind: MarkKind): number => marks.filter((mark) => mark.kind === kind).length;
  const chargers = marks.length === 1 ? "1 charger" : `${marks.length} chargers`;
  return `${chargers} in view: ${count("free")} with a free plug, ${count("full")} with all taken, ${count("out")} out of service.`;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
