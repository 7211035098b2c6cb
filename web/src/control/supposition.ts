/** What somebody supposes: units that are gone, more vehicles, units that are slower to reach. */
export interface Supposition {
  readonly down: readonly string[];
  readonly more: number;
  /** Times longer, by unit. */
  readonly slower: Readonly<Record<string, number>>;
}

export const moreMax = 10_000;
export const slowerMax = 1000;
const unitPattern = /^[a-z][a-z0-9-]{0,31}$/;
const listMax = 64;

/** As the address holds it; what makes no sense there is passed over. */
export function suppositionFrom(query: URLSearchParams): Supposition {
  const more = Number(query.get("more") ?? "0");
  const pairs = itemsOf(query.get("slower")).map((item): [string, number] => {
    const [unit = "", ratio = ""] = item.split(":");
    return [unit, Number(ratio)];
  });
  return {
    down: itemsOf(query.get("down")).filter((unit) => unitPattern.test(unit)),
    more: Number.isInteger(more) && more > 0 && more <= moreMax ? more : 0,
    slower: Object.fromEntries(pairs.filter(([unit, ratio]) => isSlower(unit, ratio))),
  };
}

function isSlower(unit: string, ratio: number): boolean {
  return unitPattern.test(unit) && ratio > 1 && ratio <= slowerMax;
}

function itemsOf(text: string | null): readonly string[] {
  return (text ?? "")
    .split(",")
    .filter((item) => item !== "")
    .slice(0, listMax);
}

/** The same in the address; undefined removes a name from it. */
export function addressOf(supposition: Supposition): Readonly<Record<string, string | undefined>> {
  const { down, more, slower } = supposition;
  const ratios = Object.entries(slower)
    .filter(([unit, ratio]) => isSlower(unit, ratio))
    .map(([unit, ratio]) => `${unit}:${ratio}`);
  return {
    down: down.length === 0 ? undefined : down.join(","),
    more: more > 0 ? String(more) : undefined,
    slower: ratios.length === 0 ? undefined : ratios.join(","),
  };
}

/** The question as the cloud takes it; undefined where nothing is supposed. */
export function questionOf({ down, more, slower }: Supposition): string | undefined {
  const isSlow = Object.keys(slower).length > 0;
  if (down.length === 0 && more === 0 && !isSlow) return undefined;
  return JSON.stringify({
    ...(down.length === 0 ? {} : { down }),
    ...(more === 0 ? {} : { vehicles: more }),
    ...(isSlow ? { slower } : {}),
  });
}
