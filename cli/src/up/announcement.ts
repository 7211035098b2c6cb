import type { MarketMode } from "../market/market-mode.ts";

const marketText = {
  open: "  Its market opens within a minute: charge points, meters and payments there are simulated.",
  simulated:
    "  Its market opens within a minute: people, charge points, meters and payments there are simulated.",
} as const;

/** What `voltfog up` says once everything serves. */
export function announcement(facts: {
  web: string;
  root: string;
  units: number;
  vehicles: number;
  isNew: boolean;
  for_ms: number | undefined;
  market: MarketMode;
  engine: string;
  signIn: boolean;
}): string {
  const data = facts.root === ".voltfog" ? "" : ` --data ${facts.root}`;
  const until =
    facts.for_ms === undefined ? "Ctrl-C" : `by itself after ${facts.for_ms / 1000} s, or Ctrl-C`;
  return [
    "",
    `  Voltfog runs: ${facts.vehicles} vehicles, ${facts.units} roadside units, each with a validator, a controller and the cloud.`,
    `  Its validators decide by ${facts.engine}.`,
    "  The vehicles replay recorded drive cycles of LG HG2 cells on a modelled pack: replayed data, not live vehicles.",
    ...(facts.market === "none" ? [] : [marketText[facts.market]]),
    ...(facts.signIn ? ["  Its pages are read with a token: sign in with one."] : []),
    "",
    `    open   ${facts.web}`,
    `    stop   ${until}`,
    `    data   ${facts.root}${facts.isNew ? " (new)" : ""}`,
    "",
    "  Try in another terminal:",
    ...(facts.signIn
      ? [
          `    npx voltfog token create --role fleet-engineer${data}${facts.market === "none" ? "" : " > token"}`,
        ]
      : []),
    `    npx voltfog status${data}`,
    `    npx voltfog proof --vehicle vehicle-01 --frame 1 --out frame.vfb${data}`,
    `    npx voltfog verify frame.vfb --genesis ${facts.root}/genesis.json`,
    ...(facts.market === "none"
      ? []
      : [`    npx voltfog trade market${data}${facts.signIn ? " --token-file token" : ""}`]),
    "",
  ].join("\n");
}
