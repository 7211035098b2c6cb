import { mulDiv } from "../money.ts";

/** What a vehicle counted at its battery. */
export interface CountedEnergy {
  readonly energy_Wh: number;
  readonly from_ms: number;
  readonly to_ms: number;
}

export interface DeliveryTolerance {
  /** Of the energy given, this much may be lost on the way into the other battery; millionths. */
  readonly lossMaxPpm: number;
  /** How far the given may be off the traded energy, and the received above the given; millionths. */
  readonly meterPpm: number;
}

/**
 * Whether both vehicles' counts agree with the trade and with each other; all bounds belong to agreement.
 * The traded energy is what the provider gives: what is lost on the way is the consumer's.
 */
export function isDeliveryAgreed(options: {
  traded_Wh: number;
  given: CountedEnergy;
  received: CountedEnergy;
  tolerance: DeliveryTolerance;
}): boolean {
  const { traded_Wh, given, received } = options;
  const { lossMaxPpm, meterPpm } = options.tolerance;
  if (received.to_ms < given.from_ms || given.to_ms < received.from_ms) return false;
  const slack_Wh = mulDiv(traded_Wh, meterPpm, 1_000_000);
  if (Math.abs(given.energy_Wh - traded_Wh) > slack_Wh) return false;
  const above_Wh = received.energy_Wh - given.energy_Wh;
  if (above_Wh > mulDiv(given.energy_Wh, meterPpm, 1_000_000)) return false;
  return -above_Wh <= mulDiv(given.energy_Wh, lossMaxPpm, 1_000_000);
}
