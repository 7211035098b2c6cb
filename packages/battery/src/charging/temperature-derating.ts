/** Share of the charge current that a temperature allows; between the points a straight line. */
const table: readonly (readonly [number, number])[] = [
  [0, 0],
  [2, 0.25],
  [5, 0.5],
  [10, 1],
  [40, 1],
  [45, 0.5],
  [50, 0.25],
  [55, 0],
];

/** 0 to 1. */
export function temperatureShare(cell_degC: number): number {
  if (!(cell_degC > 0 && cell_degC < 55)) return 0;
  const above = table.findIndex(([point_degC]) => point_degC >= cell_degC);
  const [high_degC, high] = table[above] ?? [55, 0];
  const [low_degC, low] = table[above - 1] ?? [0, 0];
  return low + ((cell_degC - low_degC) / (high_degC - low_degC)) * (high - low);
}
