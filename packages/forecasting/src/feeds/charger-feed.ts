import type { PlugType } from "../recommendation/charger-site.ts";
import type { StatusClass } from "../status/status-class.ts";

/** What a network says of one charge point. */
export interface FeedRecord {
  readonly pointId: string;
  readonly siteId: string;
  /** Address or name of the site. */
  readonly name: string;
  /** WGS 84, degrees. */
  readonly latitude: number;
  readonly longitude: number;
  readonly types: readonly PlugType[];
  /** 0 where unknown. */
  readonly power_kW: number;
  /** 0 where unknown. */
  readonly price_EURperkWh: number;
  readonly status: StatusClass;
  readonly updated_ms?: number;
}

/** What a network says at one time. */
export interface FeedSnapshot {
  readonly at_ms: number;
  readonly records: readonly FeedRecord[];
}
