import { escaped, numeral } from "../html-text.ts";
import { figureText } from "./figure.ts";
import { dashOf, type Ink, markText, round } from "./mark.ts";
import { linearScale, logScale, type Scale, tickText, valueScale } from "./scale.ts";

export interface LineSeries {
  readonly name: string;
  readonly ink: Ink;
  /** Ascending x. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface LinePlot {
  readonly id: string;
  readonly title: string;
  /** With the unit. */
  readonly xLabel: string;
  readonly yLabel: string;
  /** By logarithms with ticks at the points alone where not given. */
  readonly xScale?: "linear";
  readonly yScale: "linear" | "log";
  /** Those without points are left out; where none is left there is no figure. */
  readonly series: readonly LineSeries[];
  /** Values to be held against, as dashed lines across. */
  readonly limits?: readonly Limit[];
}

interface Limit {
  readonly name: string;
  readonly value: number;
}

const [width, height] = [640, 340];
const inner = { left: 66, top: 12, right: 626, bottom: 292 } as const;

/** One line for each series over a common x, or nothing where no series has a point. */
export function linePlot(plot: LinePlot): string {
  const series = plot.series.filter(({ points }) => points.length > 0);
  if (series.length === 0) return "";
  const xs = series.flatMap(({ points }) => points.map(({ x }) => x));
  const { limits = [] } = plot;
  const ys = [
    ...series.flatMap(({ points }) => points.map(({ y }) => y)),
    ...limits.map(({ value }) => value),
  ];
  const x = plot.xScale === "linear" ? linearScale(xs) : valueScale(xs);
  const y = plot.yScale === "log" ? logScale(ys) : linearScale(ys);
  const at = (point: { x: number; y: number }): { x: number; y: number } => ({
    x: inner.left + (inner.right - inner.left) * x.place(point.x),
    y: inner.bottom - (inner.bottom - inner.top) * y.place(point.y),
  });
  const drawing = [
    axes({ x, y, plot, at }),
    ...limits.map((limit) => limitText(limit, at({ x: xs[0] ?? 1, y: limit.value }).y)),
    ...series.map((one) => lineText(one, at)),
  ].join("");
  return figureText({
    id: plot.id,
    title: plot.title,
    summary: summaryOf(plot, series),
    width,
    height,
    drawing,
    legend: series.map(({ name, ink }) => ({ name, ink, isLine: true })),
    table: {
      caption: `${plot.title}, ${plot.yLabel}`,
      heads: [plot.xLabel, ...series.map(({ name }) => name)],
      lines: [...new Set(xs)]
        .sort((a, b) => a - b)
        .map((one) => [
          numeral(one),
          ...series.map(({ points }) => points.find((point) => point.x === one)?.y),
        ]),
    },
  });
}

type Place = (point: { x: number; y: number }) => { x: number; y: number };

function axes(o: { x: Scale; y: Scale; plot: LinePlot; at: Place }): string {
  const { x, y, plot, at } = o;
  const first = x.ticks[0] ?? 1;
  const lines = y.ticks.map((tick) => {
    const level = round(at({ x: first, y: tick }).y);
    return `<line class="grid" x1="${inner.left}" x2="${inner.right}" y1="${level}" y2="${level}"/><text x="${inner.left - 6}" y="${level + 4}" text-anchor="end">${tickText(tick)}</text>`;
  });
  const columns = x.ticks.map((tick) => {
    const column = round(inner.left + (inner.right - inner.left) * x.place(tick));
    return `<line class="axis" x1="${column}" x2="${column}" y1="${inner.bottom}" y2="${inner.bottom + 5}"/><text x="${column}" y="${inner.bottom + 19}" text-anchor="middle">${numeral(tick)}</text>`;
  });
  const middle = (inner.left + inner.right) / 2;
  const centre = (inner.top + inner.bottom) / 2;
  return [
    ...lines,
    ...columns,
    `<line class="axis" x1="${inner.left}" x2="${inner.right}" y1="${inner.bottom}" y2="${inner.bottom}"/>`,
    `<text x="${middle}" y="${height - 8}" text-anchor="middle">${escaped(plot.xLabel)}</text>`,
    `<text x="14" y="${centre}" text-anchor="middle" transform="rotate(-90 14 ${centre})">${escaped(plot.yLabel)}</text>`,
  ].join("");
}

function limitText(limit: Limit, level: number): string {
  const y = round(level);
  return `<line x1="${inner.left}" x2="${inner.right}" y1="${y}" y2="${y}" stroke="var(--published)" stroke-width="2" stroke-dasharray="6 6"/><text x="${inner.left + 6}" y="${y < inner.top + 14 ? y + 16 : y - 5}">${escaped(`${limit.name}: ${numeral(limit.value)}`)}</text>`;
}

function lineText({ points, ink }: LineSeries, at: Place): string {
  const places = points.map((point) => at(point));
  const line = places.map(({ x, y }) => `${round(x)},${round(y)}`).join(" ");
  return `<polyline points="${line}" fill="none" stroke="var(--${ink})" stroke-width="2" stroke-dasharray="${dashOf(ink)}"/>${places.map((place) => markText(ink, place)).join("")}`;
}

function summaryOf(plot: LinePlot, series: readonly LineSeries[]): string {
  const ends = series.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined) return name;
    return `${name} ${numeral(first.y)} at ${numeral(first.x)}, ${numeral(last.y)} at ${numeral(last.x)}`;
  });
  return `${plot.yLabel} over ${plot.xLabel}: ${ends.join("; ")}`;
}
