import type { PointTraits } from "../features/feature-writer.ts";

/** What is known of a charge point beside its status. */
export interface NetworkPoint extends PointTraits {
  readonly id: string;
  /** Keys of the groups that the point belongs to, from near to far. */
  readonly groups: readonly [post: string, place: string, district: string];
}
