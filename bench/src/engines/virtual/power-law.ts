/** The exponent a of y = b·x^a by least squares over logarithms. At least two different x, all above 0. */
export function fittedExponent(
  points: readonly { readonly x: number; readonly y: number }[],
): number {
  return fittedLine(points.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) }))).slope;
}

/** The line through points by least squares. At least two different x. */
export function fittedLine(points: readonly { readonly x: number; readonly y: number }[]): {
  readonly slope: number;
  readonly start: number;
} {
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  let [above, below] = [0, 0];
  for (const { x, y } of points) {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  }
  const slope = above / below;
  return { slope, start: meanY - slope * meanX };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
