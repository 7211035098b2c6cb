import { complaint } from "../complaint.ts";

/** Plugs in the order of their numbers on the chain, from 1. */
export const plugNames: readonly string[] = [
  "type2",
  "ccs2",
  "chademo",
  "type1",
  "gbt-ac",
  "gbt-dc",
  "household",
];

/** PLUG_UNKNOWN. */
export function parsePlug(text: string): number {
  const place = plugNames.indexOf(text.toLowerCase());
  if (place >= 0) return place + 1;
  throw complaint({
    code: "PLUG_UNKNOWN",
    what: `${JSON.stringify(text)} is no plug`,
    remedy: `give ${plugNames.join(", ")}`,
  });
}
