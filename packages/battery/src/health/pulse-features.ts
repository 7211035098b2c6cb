/** Voltages before, during and after the pulses of one test: U1 to U21 of PulseBat, in V. */
export const pulseVoltages = 21;

const pairs: readonly (readonly [number, number])[] = Array.from(
  { length: pulseVoltages },
  (_, later) => Array.from({ length: later }, (_, earlier) => [later, earlier] as const),
).flat();

/** Names of what pulseFeatures gives, in its order. */
export const pulseFeatureNames: readonly string[] = [
  "U1",
  ...pairs.map(([later, earlier]) => `U${later + 1}-U${earlier + 1}`),
  ...ratioPlaces().map((step) => `step ${step}/step ${step - 4}`),
];

/**
 * Features of one pulse test: the voltage at rest, every difference of two voltages, and how each step
 * compares with the same step of the pulse before it. Neither charge state nor capacity is known.
 */
export function pulseFeatures(voltage_V: ArrayLike<number>): readonly number[] {
  const at = (place: number): number => voltage_V[place] ?? Number.NaN;
  const step = (place: number): number => at(place + 1) - at(place);
  return [
    at(0),
    ...pairs.map(([later, earlier]) => at(later) - at(earlier)),
    // A step that rounds to nothing is taken as the least that the meter tells apart.
    ...ratioPlaces().map((place) => step(place) / (step(place - 4) || 1e-4)),
  ];
}

function ratioPlaces(): readonly number[] {
  return Array.from({ length: pulseVoltages - 5 }, (_, index) => index + 4);
}
