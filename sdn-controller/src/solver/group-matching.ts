import type { Instance } from "./instance.ts";

/**
 * How many functions of a group can have a unit of their own, by augmenting paths (Kuhn 1955).
 * Undefined where all can.
 */
export function groupShortage(
  instance: Instance,
  members: readonly number[],
): { readonly placed: number; readonly units: number } | undefined {
  const holder = new Int32Array(instance.units).fill(-1);
  const seen = new Uint8Array(instance.units);
  let placed = 0;
  for (const i of members) {
    if (!claim({ instance, holder, seen, i })) continue;
    placed++;
    // Units that a failed search saw lead nowhere until a search succeeds, so failures cost little.
    seen.fill(0);
  }
  if (placed === members.length) return undefined;
  let units = 0;
  for (let j = 0; j < instance.units; j++) {
    if (members.some((i) => isAllowed(instance, i, j))) units++;
  }
  return { placed, units };
}

interface Search {
  readonly instance: Instance;
  readonly holder: Int32Array;
  readonly seen: Uint8Array;
  readonly i: number;
}

function claim(search: Search): boolean {
  const { instance, holder, seen, i } = search;
  for (let j = 0; j < instance.units; j++) {
    if (seen[j] === 1 || !isAllowed(instance, i, j)) continue;
    const other = holder[j] ?? -1;
    if (other >= 0) continue;
    holder[j] = i;
    return true;
  }
  for (let j = 0; j < instance.units; j++) {
    if (seen[j] === 1 || !isAllowed(instance, i, j)) continue;
    seen[j] = 1;
    if (claim({ ...search, i: holder[j] ?? -1 })) {
      holder[j] = i;
      return true;
    }
  }
  return false;
}

function isAllowed({ cost, units }: Instance, i: number, j: number): boolean {
  return (cost[i * units + j] ?? 0) < Number.POSITIVE_INFINITY;
}
