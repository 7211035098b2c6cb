import type { Clock, Random } from "@voltfog/runtime";
import type { ChargerWatch, ReportOptions } from "./charger-reports.ts";
import { type LiveNetwork, watchLive } from "./live-watch.ts";
import { watchReplay } from "./replay-watch.ts";

export interface WatchOptions extends ReportOptions {
  /** A recorded feed; beside a live one, the list of its points. Empty where there is none. */
  readonly replay: string;
  readonly step_ms: number;
  /** A live feed, which is preferred. Empty where there is none. */
  readonly feed: LiveNetwork | "";
  readonly feedUrl: string;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** Follows a live feed, or a recorded one; undefined where neither is named. */
export async function watchChargers(options: WatchOptions): Promise<ChargerWatch | undefined> {
  const { feed } = options;
  if (feed !== "") return await watchLive({ ...options, feed });
  return options.replay === "" ? undefined : await watchReplay(options);
}
