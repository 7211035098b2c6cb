import type { GapPayload } from "@voltfog/messages";
import { equalBytes } from "@voltfog/runtime";

/** The last frame of one stream that this unit's log holds or is about to hold. */
export interface StreamTail {
  readonly sequence: number;
  readonly commitment: Uint8Array;
}

export type Placement =
  /**
   * The stream goes on with this frame; unlinked where the frame before it is neither in this log nor
   * vouched for by another unit's receipt.
   */
  | { readonly kind: "next"; readonly linked: boolean }
  /** The log holds this very frame already. */
  | { readonly kind: "duplicate" }
  /** The stream does not go on: the number is taken by other bytes, or lies behind. */
  | {
      readonly kind: "refused";
      readonly code: "SEQUENCE_FORKED" | "SEQUENCE_STALE";
      readonly detail: string;
    };

export interface StreamPosition {
  readonly sequence: number;
  readonly previous: Uint8Array;
  readonly commitment: Uint8Array;
  readonly tail: StreamTail | undefined;
  /** The last frame that another unit holds, by a receipt that the vehicle showed. */
  readonly shown: StreamTail | undefined;
  /** Commitment that the log holds at this sequence number, if it does. */
  readonly held: Uint8Array | undefined;
}

/**
 * Where an authentic frame belongs in its stream. A jump ahead is taken but marked unlinked, because
 * the vehicle may have talked to another unit in between; the cloud closes the link.
 */
export function placeInStream(position: StreamPosition): Placement {
  const { sequence, tail, held, shown } = position;
  if (held !== undefined) {
    if (equalBytes(held, position.commitment)) return { kind: "duplicate" };
    const detail = `sequence ${sequence} is taken by another frame`;
    return { kind: "refused", code: "SEQUENCE_FORKED", detail };
  }
  if (shown?.sequence === sequence && !equalBytes(shown.commitment, position.commitment)) {
    const detail = `sequence ${sequence} is another frame in the log of the unit before`;
    return { kind: "refused", code: "SEQUENCE_FORKED", detail };
  }
  // A receipt never makes a frame stale: what lies before it may have been taken by nobody yet.
  if (tail !== undefined && sequence <= tail.sequence) {
    const detail = `sequence ${sequence} is behind ${tail.sequence} and not in this log`;
    return { kind: "refused", code: "SEQUENCE_STALE", detail };
  }
  return { kind: "next", linked: isLinked(sequence, position) };
}

/** Where a frame that declares a gap belongs. */
export type GapPlacement =
  | { readonly kind: "next"; readonly linked: boolean }
  | { readonly kind: "inconsistent"; readonly detail: string };

/**
 * A gap takes the place after the numbers it skips. It is linked when it covers exactly what this log
 * misses, inconsistent when it contradicts its own place or declares frames missing that are held.
 */
export function placeGap(
  gap: Pick<GapPayload, "firstSequence" | "lastSequence">,
  position: Pick<StreamPosition, "sequence" | "previous" | "tail" | "shown">,
): GapPlacement {
  const { sequence, tail } = position;
  const skipsNone = gap.firstSequence === 0;
  if (!skipsNone && gap.lastSequence + 1 !== sequence) {
    const detail = `a gap up to ${gap.lastSequence} in the place of sequence ${sequence}`;
    return { kind: "inconsistent", detail };
  }
  const begins = skipsNone ? sequence : gap.firstSequence;
  if (tail !== undefined && !skipsNone && gap.firstSequence <= tail.sequence) {
    const detail = `a gap from ${gap.firstSequence}, but the log holds up to ${tail.sequence}`;
    return { kind: "inconsistent", detail };
  }
  return { kind: "next", linked: isLinked(begins, position) };
}

/** Whether a frame that begins at this number comes right after one that this or another unit holds. */
function isLinked(
  begins: number,
  { previous, tail, shown }: Pick<StreamPosition, "previous" | "tail" | "shown">,
): boolean {
  const follows = (last: StreamTail | undefined): boolean =>
    begins === (last?.sequence ?? 0) + 1 &&
    (last === undefined ? beginsChain(previous) : equalBytes(previous, last.commitment));
  return follows(tail) || (shown !== undefined && follows(shown));
}

function beginsChain(previous: Uint8Array): boolean {
  return previous.every((byte) => byte === 0);
}
