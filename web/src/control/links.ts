import type { UnitLink } from "../api/control-shapes.ts";

/** Two units with what each measured of the way to the other. */
export interface Pair {
  readonly a: string;
  readonly b: string;
  /** The longer of the two; null where neither is measured. */
  readonly worst_ms: number | null;
  readonly ways: readonly UnitLink[];
}

/** Both directions of a link as one line of the picture, in the order of the units' names. */
export function pairsOf(links: readonly UnitLink[]): readonly Pair[] {
  const pairs = new Map<string, Pair>();
  for (const link of links) {
    if (link.from === link.to) continue;
    const [a, b] = link.from < link.to ? [link.from, link.to] : [link.to, link.from];
    const key = `${a} ${b}`;
    const known = pairs.get(key);
    const ways = [...(known?.ways ?? []), link];
    const times = ways.flatMap(({ latency_ms }) => latency_ms ?? []);
    pairs.set(key, { a, b, ways, worst_ms: times.length === 0 ? null : Math.max(...times) });
  }
  return [...pairs.values()].sort((one, two) => (one.a + one.b < two.a + two.b ? -1 : 1));
}
