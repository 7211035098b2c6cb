/**
 * The rate below which, with 95 %, the true rate lies after `count` events in some exposure: the mean m of a
 * Poisson count with P(≤ count | m) = 5 %, over the exposure. For no event this is 3.0 / exposure. At most
 * a thousand events.
 */
export function upperRate95(count: number, exposure: number): number {
  let low = 0;
  let high = count + 10 * Math.sqrt(count + 1) + 10;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (cumulative(count, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high / exposure;
}

function cumulative(count: number, mean: number): number {
  let logTerm = -mean;
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= count; k++) {
    logTerm += Math.log(mean / k);
    sum += Math.exp(logTerm);
  }
  return sum;
}
