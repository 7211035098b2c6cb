/** Beyond these an order is absurd or the state would grow without bound; each has its code in the specification. */
export const pileLimits = {
  energyMax_Wh: 1_000_000,
  /** A thousand whole units of the currency. */
  pricePerKWhMax: 1_000_000_000,
  powerMax_W: 1_000_000,
  reserveMax: 1_000_000_000_000_000,
  supplyMin_Wh: 1000,
  supplyMax_Wh: 1_000_000_000_000,
  loadMaxPpm: 4_000_000,
  /** How far ahead energy is traded: 31 days. */
  ahead_ms: 2_678_400_000,
  /** Both parties sign a contract within this after it was made, and before its window ends. */
  signLife_ms: 1_800_000,
  /** Meters are read within this after the window's end. */
  readLife_ms: 3_600_000,
  /** Readings are confirmed or disputed within this after that. */
  confirmLife_ms: 86_400_000,
} as const;
