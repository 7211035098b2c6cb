export interface SentRecord {
  readonly name: string;
  /** When it was meant to be sent, whenever it was. */
  readonly intended_ms: number;
}

/** What the observer saw of its own chain. */
export interface ChainChange {
  readonly change: "included" | "final" | "reorganised";
  readonly height: number;
  /** On the clock that all processes share. */
  readonly at_ms: number;
  /** Names of the block's records. */
  readonly records: readonly string[];
}

/** Blocks above its own that a record waits for in the published latency (D5.3, §5.1.4). */
export const publishedDepth = 6;

/** When a record was safe, by three meanings of it; undefined where it was not when the watch ended. */
export interface RecordFate {
  readonly intended_ms: number;
  /** In the observer's chain, in the block that stayed. */
  readonly included_ms: number | undefined;
  /** Called final by the engine. */
  readonly final_ms: number | undefined;
  /** Six blocks above its own in the observer's chain. */
  readonly buried_ms: number | undefined;
}

export interface ObservedBlock {
  readonly height: number;
  readonly records: readonly string[];
  readonly included_ms: number;
  readonly final_ms: number | undefined;
  readonly buried_ms: number | undefined;
}

/** The chain as it stood at last, ascending. A block that left it takes its moments with it. */
export function observedChain(changes: readonly ChainChange[]): ObservedBlock[] {
  const chain = new Map<number, ObservedBlock>();
  for (const { change, height, at_ms, records } of changes) {
    const block = chain.get(height);
    if (change === "reorganised") chain.delete(height);
    else if (change === "final" && block !== undefined) {
      chain.set(height, { ...block, final_ms: block.final_ms ?? at_ms });
    } else if (change === "included") {
      const times = { included_ms: at_ms, final_ms: undefined, buried_ms: undefined };
      chain.set(height, { height, records, ...times });
      const deep = chain.get(height - publishedDepth);
      if (deep !== undefined) {
        chain.set(deep.height, { ...deep, buried_ms: deep.buried_ms ?? at_ms });
      }
    }
  }
  return [...chain.values()].sort((a, b) => a.height - b.height);
}

/** A record counts in the first block that has it. */
export function recordFates(
  sent: readonly SentRecord[],
  chain: readonly ObservedBlock[],
): RecordFate[] {
  const blockOf = new Map<string, ObservedBlock>();
  for (const block of chain) {
    for (const name of block.records) if (!blockOf.has(name)) blockOf.set(name, block);
  }
  return sent.map(({ name, intended_ms }) => {
    const block = blockOf.get(name);
    return {
      intended_ms,
      included_ms: block?.included_ms,
      final_ms: block?.final_ms,
      buried_ms: block?.buried_ms,
    };
  });
}

/** Blocks that left the observer's chain, those of them that had been final, and the deepest at once. */
export interface Reorganisations {
  readonly blocks: number;
  readonly finalBlocks: number;
  readonly deepest: number;
}

export function reorganisations(changes: readonly ChainChange[]): Reorganisations {
  const final = new Set<number>();
  let [blocks, finalBlocks, deepest, run] = [0, 0, 0, 0];
  for (const { change, height } of changes) {
    run = change === "reorganised" ? run + 1 : 0;
    deepest = Math.max(deepest, run);
    if (change === "final") final.add(height);
    if (change !== "reorganised") continue;
    blocks++;
    if (final.delete(height)) finalBlocks++;
  }
  return { blocks, finalBlocks, deepest };
}
