/** A number that was estimated, never NaN, with what it may be instead and who says so. */
export interface Estimate {
  readonly value: number;
  /** About 95 % of the truth lies between. */
  readonly low: number;
  readonly high: number;
  readonly estimator: string;
  readonly version: string;
  /** Wall time of the reading that it stands for. */
  readonly at_ms: number;
}
