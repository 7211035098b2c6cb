import { complaint } from "../complaint.ts";

/**
 * Whether a site has a market: none; open, with its authority, operators, charge points, tariff and meeting
 * points; or simulated, with people too who act slowly.
 */
export type MarketMode = "none" | "open" | "simulated";

const modes: readonly MarketMode[] = ["none", "open", "simulated"];

/** MARKET_UNKNOWN. */
export function parseMarketMode(text: string): MarketMode {
  const mode = modes.find((one) => one === text);
  if (mode !== undefined) return mode;
  throw complaint({
    code: "MARKET_UNKNOWN",
    what: `--market is ${JSON.stringify(text)}`,
    remedy: `give ${modes.join(", ")}`,
  });
}
