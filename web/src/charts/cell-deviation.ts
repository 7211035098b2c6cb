/** Deviations of every cell at every moment. */
export interface CellDeviations {
  /** Per moment, per cell [mV] from the moment's median; undefined where no sample is. */
  readonly columns: readonly (readonly number[] | undefined)[];
  /** Most cells that any moment has. */
  readonly cells: number;
  /** What has the full colour [mV]: the largest deviation, but no less than noise makes. */
  readonly reach_mV: number;
  readonly largest_mV: number;
  /** Place of the cell with the largest deviation, from 0. */
  readonly largestCell: number;
}

/** Differences this small are noise and must not look like a fault. */
const noise_mV = 10;

/** How far every cell is from the median of its moment. Cost: moments × cells × log cells. */
export function cellDeviations(
  moments: readonly (readonly number[] | undefined)[],
): CellDeviations {
  let largest_mV = 0;
  let largestCell = 0;
  const columns = moments.map((cells) => {
    if (cells === undefined) return undefined;
    const middle_mV = medianOf(cells);
    return cells.map((value, cell) => {
      const deviation_mV = value - middle_mV;
      if (Math.abs(deviation_mV) > Math.abs(largest_mV)) {
        largest_mV = deviation_mV;
        largestCell = cell;
      }
      return deviation_mV;
    });
  });
  return {
    columns,
    cells: Math.max(0, ...moments.map((cells) => cells?.length ?? 0)),
    reach_mV: Math.max(noise_mV, Math.abs(largest_mV)),
    largest_mV,
    largestCell,
  };
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Blue below, white at the median, orange above: told apart by the colour-blind too. */
export function deviationColour(deviation: number, reach: number): string {
  const share = Math.min(1, Math.abs(deviation) / reach);
  const hue = deviation < 0 ? 220 : 28;
  return `hsl(${hue} ${Math.round(85 * share)}% ${Math.round(96 - 30 * share)}%)`;
}
