import type { Clock, Random } from "@voltfog/runtime";
import { complaint } from "../complaint.ts";
import { createSite } from "./create-site.ts";
import { readSite, type SiteMarker, type SitePaths, type SiteSize } from "./site-folder.ts";

/** Four units and twelve vehicles: the smallest consortium that bears a fault, three vehicles each. */
export const defaultSize: SiteSize = { units: 4, vehicles: 12 };

/**
 * The site of a folder, made on first use. A size that is asked for must be the site's own, because
 * genesis fixes it: SITE_SIZE otherwise.
 */
export function openSite(options: {
  paths: SitePaths;
  asked: { units: number | undefined; vehicles: number | undefined };
  clock: Clock;
  random: Random;
}): { site: SiteMarker; isNew: boolean } {
  const { asked } = options;
  const found = readSite(options.paths);
  if (found === undefined) {
    const size = {
      units: asked.units ?? defaultSize.units,
      vehicles: asked.vehicles ?? defaultSize.vehicles,
    };
    return { site: createSite({ ...options, size }), isNew: true };
  }
  for (const kind of ["units", "vehicles"] as const) {
    const wanted = asked[kind];
    if (wanted === undefined || wanted === found[kind]) continue;
    throw complaint({
      code: "SITE_SIZE",
      what: `${options.paths.root} was made for ${found[kind]} ${kind}, not ${wanted}`,
      remedy: `leave out --${kind}, or choose another folder with --data`,
    });
  }
  return { site: found, isNew: false };
}
