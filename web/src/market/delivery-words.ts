import type { DeliveryView } from "@voltfog/messages";
import { percent } from "../words/format.ts";
import { energy } from "./amount-words.ts";

/** What the two batteries said of one exchange: "10.0 kWh given, 9.6 kWh received, 4.0 % lost". */
export function deliveryWords(trade: {
  readonly given: DeliveryView | null;
  readonly received: DeliveryView | null;
}): string {
  const { given, received } = trade;
  if (given === null && received === null) return "neither vehicle has signed yet";
  if (given === null)
    return `${energy(received?.energy_Wh)} received; the seller's vehicle has not signed`;
  if (received === null)
    return `${energy(given.energy_Wh)} given; the buyer's vehicle has not signed`;
  const both = `${energy(given.energy_Wh)} given, ${energy(received.energy_Wh)} received`;
  if (given.energy_Wh === 0) return both;
  const lost = 1 - received.energy_Wh / given.energy_Wh;
  return lost < 0 ? `${both}: more than was given` : `${both}, ${percent(lost, 1)} lost on the way`;
}
