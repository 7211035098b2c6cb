import type { Clock } from "@voltfog/runtime";
import type { SitePaths } from "../site/site-folder.ts";
import type { SiteProcess } from "../site/site-processes.ts";

/** What the site's own market needs of the site. */
export interface MarketSite {
  readonly paths: SitePaths;
  readonly processes: readonly SiteProcess[];
  /** Address of the cloud. */
  readonly web: string;
  readonly seed: number;
  readonly clock: Clock;
  /** Its cloud lets nobody in without a token. */
  readonly signIn: boolean;
}
