import type { Outcome, Problem } from "@voltfog/runtime";
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
  /** Empty where unknown. */
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

/** A snapshot, and what of the answer did not become part of it. */
export interface DecodedFeed extends FeedSnapshot {
  /** Rows that were left out: no id, an id twice, no or an impossible position. */
  readonly refusedRows: number;
  /** Records whose status word is none that is documented; their class is "unknown". */
  readonly unknownStatuses: number;
  /** Rows that the network says it has; more than were sent where the answer is one page of several. */
  readonly totalRows: number;
}

export interface FeedProblem extends Problem {
  readonly code: "FEED_NOT_JSON" | "FEED_SCHEMA" | "FEED_EMPTY" | "FEED_TOO_LARGE";
  /** What is wrong; of FEED_SCHEMA the column. */
  readonly detail: string;
}

/** Reads a whole answer of a network, received at the time given; never throws. */
export type FeedDecoder = (
  bytes: Uint8Array,
  received_ms: number,
) => Outcome<DecodedFeed, FeedProblem>;
