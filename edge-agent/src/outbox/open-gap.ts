import type { GapCause, GapPayload } from "@voltfog/messages";

/** Numbers used up by frames that could not be kept, and not declared by a gap frame yet. */
export interface OpenGap {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly samples: number;
  readonly from_ms: number;
  readonly to_ms: number;
  /** Of the first loss; one gap frame carries one cause. */
  readonly cause: GapCause;
}

/** The gap with one more loss at its end. */
export function extendGap(gap: OpenGap | undefined, loss: OpenGap): OpenGap {
  if (gap === undefined) return loss;
  return {
    ...gap,
    lastSequence: loss.lastSequence,
    samples: gap.samples + loss.samples,
    to_ms: Math.max(gap.to_ms, loss.to_ms),
  };
}

export function gapPayload(gap: OpenGap): GapPayload {
  return { type: "gap", ...gap };
}
