import { defaultEngine, type EngineChoice, engineOf, engineText } from "@voltfog/ledger";
import type { Clock, Random } from "@voltfog/runtime";
import { complaint } from "../complaint.ts";
import { createSite } from "./create-site.ts";
import { requireVoters } from "./engine-flag.ts";
import { readSite, type SiteMarker, type SitePaths, type SiteSize } from "./site-folder.ts";
import { readGenesis } from "./site-record.ts";

/** Four units and twelve vehicles: the smallest consortium that bears a fault, three vehicles each. */
export const defaultSize: SiteSize = { units: 4, vehicles: 12 };

/**
 * The seven-node pilot of 2019 (GSMA, China Unicom and Wanxiang, chapter 1): three organisations, of which
 * the one that founded it runs four validators, the others one and two.
 */
export const pilotSize: SiteSize = { units: 7, vehicles: 12, organisations: [4, 1, 2] };

/**
 * The site of a folder, made on first use. A size that is asked for must be the site's own, because
 * genesis fixes it: SITE_SIZE otherwise. The same holds for the engine: SITE_ENGINE.
 */
export function openSite(options: {
  paths: SitePaths;
  asked: {
    units: number | undefined;
    vehicles: number | undefined;
    organisations?: readonly number[] | undefined;
    engine?: EngineChoice | undefined;
  };
  /** Of a new site; see createSite. */
  logHash?: "sm3" | undefined;
  clock: Clock;
  random: Random;
}): { site: SiteMarker; isNew: boolean } {
  const { asked } = options;
  const found = readSite(options.paths);
  if (found === undefined) {
    const size = {
      units: asked.units ?? defaultSize.units,
      vehicles: asked.vehicles ?? defaultSize.vehicles,
      ...(asked.organisations === undefined ? {} : { organisations: asked.organisations }),
    };
    const engine = asked.engine ?? defaultEngine;
    requireVoters(engine, size.units);
    return { site: createSite({ ...options, size, engine }), isNew: true };
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
  const { organisations } = asked;
  if (organisations !== undefined && organisations.join() !== found.organisations?.join()) {
    throw complaint({
      code: "SITE_SIZE",
      what: `${options.paths.root} was made without this preset`,
      remedy: "leave out --preset, or choose another folder with --data",
    });
  }
  if (asked.engine !== undefined) requireEngine(options.paths, asked.engine);
  return { site: found, isNew: false };
}

/** A chain keeps its engine: certificates of another one would not make its blocks final. */
function requireEngine(paths: SitePaths, wanted: EngineChoice): void {
  const own = engineText(engineOf(readGenesis(paths.genesis)));
  if (own === engineText(wanted)) return;
  throw complaint({
    code: "SITE_ENGINE",
    what: `the chain of ${paths.root} is decided by ${own}, not ${engineText(wanted)}`,
    remedy: "leave out --engine, or choose another folder with --data",
  });
}
