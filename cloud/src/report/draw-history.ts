import type { Colour, PdfDocument } from "./pdf-document.ts";

interface Ends {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A line with its interval as a band; null breaks both. */
export interface DrawnLine {
  readonly label: string;
  readonly colour: Colour;
  readonly isForecast?: boolean;
  readonly points: readonly { readonly at_ms: number; readonly ends: Ends | null }[];
}

const quiet: Colour = [0.32, 0.38, 0.36];
const grid: Colour = [0.88, 0.9, 0.89];
const bad: Colour = [0.64, 0.13, 0.11];
const day_ms = 86_400_000;
/** Days without a point that a line still joins: below that it is one stretch. */
const joined_ms = { told: 8 * day_ms, forecast: 62 * day_ms } as const;

/** Shares of 1 over time in per cent, with bands, and limits as dashed lines. */
export function drawHistory(
  place: { document: PdfDocument; x: number; y: number; width: number; height: number },
  o: { lines: readonly DrawnLine[]; limits: readonly number[] },
): void {
  const { document, x, y, width, height } = place;
  const ends = o.lines.flatMap(({ points }) => points.flatMap((one) => one.ends ?? []));
  const times = o.lines.flatMap(({ points }) => points.map(({ at_ms }) => at_ms));
  if (ends.length === 0) return;
  const [from_ms, to_ms] = [Math.min(...times), Math.max(Math.min(...times) + day_ms, ...times)];
  const least = Math.floor(Math.min(...ends.map(({ low }) => low), ...o.limits) * 20) / 20;
  const most = Math.ceil(Math.max(...ends.map(({ high }) => high)) * 20) / 20;
  const inner = { left: x + 36, right: x + width - 4, top: y + 16, bottom: y + height - 18 };
  const px = (at_ms: number): number =>
    inner.left + ((at_ms - from_ms) / (to_ms - from_ms)) * (inner.right - inner.left);
  const py = (share: number): number =>
    inner.bottom - ((share - least) / (most - least)) * (inner.bottom - inner.top);
  const drawn = o.lines.map((line) => ({ ...line, stretches: stretchesOf(line) }));
  drawGrid({ document, inner, py, px, least, most, from_ms, to_ms });
  for (const { colour, stretches } of drawn) {
    for (const stretch of stretches) {
      const top = stretch.map((one): [number, number] => [px(one.at_ms), py(one.ends.high)]);
      const under = stretch.map((one): [number, number] => [px(one.at_ms), py(one.ends.low)]);
      document.area([...top, ...under.reverse()], pale(colour));
    }
  }
  for (const limit of o.limits) {
    document.line(
      [
        [inner.left, py(limit)],
        [inner.right, py(limit)],
      ],
      { colour: bad, width: 0.8, dash: "[4 3]" },
    );
  }
  let key = inner.left;
  for (const line of drawn) {
    for (const stretch of line.stretches) {
      document.line(
        stretch.map((one) => [px(one.at_ms), py(one.ends.value)]),
        { colour: line.colour, width: 1.2, ...(line.isForecast === true ? { dash: "[3 2]" } : {}) },
      );
    }
    document.text(key, y + 8, line.label, { size: 8, colour: line.colour, isBold: true });
    key += 24 + line.label.length * 4.6;
  }
}

function drawGrid(o: {
  document: PdfDocument;
  inner: { left: number; right: number; top: number; bottom: number };
  px: (at_ms: number) => number;
  py: (share: number) => number;
  least: number;
  most: number;
  from_ms: number;
  to_ms: number;
}): void {
  const { document, inner, px, py } = o;
  const step = o.most - o.least > 0.3 ? 0.1 : 0.05;
  for (let share = o.least; share <= o.most + 1e-9; share += step) {
    const line: [number, number][] = [
      [inner.left, py(share)],
      [inner.right, py(share)],
    ];
    document.line(line, { colour: grid, width: 0.5 });
    const text = `${Math.round(share * 100)} %`;
    document.text(inner.left - 4, py(share) + 3, text, { size: 8, colour: quiet, isRight: true });
  }
  const ticks = 5;
  for (let tick = 0; tick <= ticks; tick++) {
    const at_ms = o.from_ms + ((o.to_ms - o.from_ms) * tick) / ticks;
    const text = new Date(at_ms).toISOString().slice(0, 7);
    const at = Math.min(inner.right - 30, Math.max(inner.left, px(at_ms) - 15));
    document.text(at, inner.bottom + 12, text, { size: 8, colour: quiet });
  }
}

/** Points with figures, apart where days are missing: no line crosses a gap. */
function stretchesOf(line: DrawnLine): readonly { at_ms: number; ends: Ends }[][] {
  const most_ms = line.isForecast === true ? joined_ms.forecast : joined_ms.told;
  const stretches: { at_ms: number; ends: Ends }[][] = [];
  for (const { at_ms, ends } of line.points) {
    if (ends === null) continue;
    const last = stretches.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && at_ms - before.at_ms <= most_ms) {
      last.push({ at_ms, ends });
    } else stretches.push([{ at_ms, ends }]);
  }
  return stretches;
}

function pale(colour: Colour): Colour {
  const [red, green, blue] = colour;
  const towardsWhite = (part: number): number => 1 - (1 - part) * 0.2;
  return [towardsWhite(red), towardsWhite(green), towardsWhite(blue)];
}
