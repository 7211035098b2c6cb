import type { MarketOrderView, MarketPlaceView } from "@voltfog/messages";
import type { PointFeature } from "../api/shapes.ts";
import { drawnAt, isDrawn, type Point } from "../charging/map-view.ts";
import { type Position, positionOf } from "../charging/position.ts";

/** What stands on the map of energy between vehicles. */
export type MarketMarkKind = "sell" | "buy" | "meeting";

export interface MarketMark extends Point {
  readonly id: string;
  readonly name: string;
  readonly kind: MarketMarkKind;
}

/** A place where two vehicles meet. */
export type MeetingPoint = PointFeature<{ readonly name?: string }>;

export const marketMarkNames: Readonly<Record<MarketMarkKind, string>> = {
  sell: "offer",
  buy: "request",
  meeting: "meeting point",
};

/** A finger is that wide, in the drawing's units. */
const reach = 22;

/** A disc, a square and a diamond, so that colour is never alone. Around 0, 0. */
export function marketMarkPath(kind: MarketMarkKind, size: number): string {
  if (kind === "sell")
    return `M${-size} 0a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0z`;
  if (kind === "buy") return `M${-size} ${-size}h${2 * size}v${2 * size}h${-2 * size}z`;
  const long = Math.round(size * 1.4);
  return `M0 ${-long}L${long} 0L0 ${long}L${-long} 0z`;
}

/** Where on the earth an order's vehicle is; undefined on the plane of an experiment. */
export function earthPlace(place: MarketPlaceView): Position | undefined {
  return place.kind === "earth"
    ? { latitude: place.latitude, longitude: place.longitude }
    : undefined;
}

/** Orders and meeting points in the view; meeting points last, above the others. */
export function marketMarksIn(
  market: {
    readonly orders: readonly Pick<MarketOrderView, "id" | "side" | "place">[];
    readonly meetingPoints: readonly MeetingPoint[];
  },
  shown: {
    readonly view: Parameters<typeof drawnAt>[1];
    readonly frame: Parameters<typeof drawnAt>[2];
  },
): readonly MarketMark[] {
  const { view, frame } = shown;
  const orders = market.orders.flatMap(({ id, side, place }) => {
    const position = earthPlace(place);
    if (position === undefined) return [];
    return [{ ...drawnAt(position, view, frame), id, name: id, kind: side }];
  });
  const points = market.meetingPoints.map((point) => ({
    ...drawnAt(positionOf(point), view, frame),
    id: point.id,
    name: meetingPointName(point),
    kind: "meeting" as const,
  }));
  return [...orders, ...points].filter((mark) => isDrawn(mark, frame, 12));
}

export function meetingPointName(point: MeetingPoint): string {
  return point.properties.name ?? point.id;
}

/** The mark that a tap means: the nearest within a finger's width. */
export function marketMarkAt(point: Point, marks: readonly MarketMark[]): MarketMark | undefined {
  const [best] = marks
    .map((mark) => ({ mark, away: Math.hypot(mark.x - point.x, mark.y - point.y) }))
    .filter(({ away }) => away <= reach)
    .sort((a, b) => a.away - b.away);
  return best?.mark;
}

/** What a map shows, in words. */
export function marketMarksText(marks: readonly MarketMark[]): string {
  if (marks.length === 0) return "Nothing of the market in view.";
  const part = (kind: MarketMarkKind): string => {
    const count = marks.filter((mark) => mark.kind === kind).length;
    return `${count} ${marketMarkNames[kind]}${count === 1 ? "" : "s"}`;
  };
  return `In view: ${part("sell")}, ${part("buy")}, ${part("meeting")}.`;
}
