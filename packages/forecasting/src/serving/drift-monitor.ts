import type { FeedSnapshot } from "../feeds/charger-feed.ts";
import type { PointShares } from "./served-model.ts";

/** Snapshots that are weighed; fewer than this many rows say nothing. */
const snapshotsKept = 6;
const rowsMin = 500;
/** A model that is worse than the blend by this much has drifted; by less it is chance. */
const worse = 1.05;
const probabilityFloor = 1e-3;

interface Score {
  readonly rows: number;
  readonly model: number;
  readonly blend: number;
}

/**
 * Compares what was forecast with what came, over the last six snapshots: mean log-loss of the model and of
 * the blend that would take its place.
 */
export class DriftMonitor {
  readonly #scores: Score[] = [];

  /** What came, beside both forecasts of it. Points that one of them did not know do not count. */
  add(
    came: FeedSnapshot,
    forecast: { readonly model: PointShares; readonly blend: PointShares },
  ): void {
    let [rows, model, blend] = [0, 0, 0];
    for (const { pointId, status } of came.records) {
      const [ours, other] = [forecast.model.get(pointId), forecast.blend.get(pointId)];
      if (ours === undefined || other === undefined) continue;
      rows++;
      model -= Math.log(Math.max(probabilityFloor, ours[status] ?? 0));
      blend -= Math.log(Math.max(probabilityFloor, other[status] ?? 0));
    }
    if (rows === 0) return;
    this.#scores.push({ rows, model, blend });
    if (this.#scores.length > snapshotsKept) this.#scores.shift();
  }

  /** Why the model is not to be trusted; undefined while it is. */
  get reason(): string | undefined {
    const sum = (of: (score: Score) => number): number =>
      this.#scores.reduce((total, score) => total + of(score), 0);
    const rows = sum((score) => score.rows);
    const [model, blend] = [sum((score) => score.model), sum((score) => score.blend)];
    if (rows < rowsMin || model <= worse * blend) return undefined;
    return `its log-loss over the last ${this.#scores.length} snapshots is ${(model / rows).toFixed(3)}, that of the blend ${(blend / rows).toFixed(3)}`;
  }
}
