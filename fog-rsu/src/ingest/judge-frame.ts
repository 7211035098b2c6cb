import {
  type BatterySample,
  decodePayload,
  type FrameHeader,
  type Payload,
  type RefusalCode,
  sampleCount,
} from "@voltfog/messages";
import type { AuthenticFrame, FrameRefusal } from "./authenticate-frame.ts";
import { placeGap, placeInStream, type StreamTail } from "./place-in-stream.ts";

/** What the judgement needs to know of the log and the world. */
export interface JudgementFacts {
  readonly tail: StreamTail | undefined;
  /** The last frame that another unit holds, by a receipt that the vehicle showed. */
  readonly shown: StreamTail | undefined;
  /** Commitment that the log holds at the frame's sequence number, if it does. */
  readonly held: Uint8Array | undefined;
  readonly now_ms: number;
  readonly clockSkewMax_ms: number;
  /** Why a reading cannot be one of a battery, or undefined where it can. */
  readonly implausible: (sample: BatterySample) => string | undefined;
}

/** What becomes of an authentic frame. All but a duplicate leave one entry in the log. */
export type Verdict =
  | { readonly kind: "duplicate" }
  | { readonly kind: "accepted"; readonly payload: Payload; readonly linked: boolean }
  | {
      readonly kind: "refused";
      readonly refusal: FrameRefusal;
      /** The stream goes on from this frame if it is linked, else from the frame before it. */
      readonly linked: boolean;
      /** Readings that are refused with it, as far as they can be counted. */
      readonly samples: number;
    };

/** Decides about one authentic frame: duplicate, place in the stream, payload, time, range. */
export function judgeFrame(authentic: AuthenticFrame, facts: JudgementFacts): Verdict {
  const { header } = authentic.frame;
  const position = {
    sequence: header.sequence,
    previous: header.previous,
    commitment: authentic.commitment,
    tail: facts.tail,
    shown: facts.shown,
    held: facts.held,
  };
  const placement = placeInStream(position);
  if (placement.kind === "duplicate") return placement;
  const decoded = decodePayload(authentic.frame);
  const samples = decoded.ok ? sampleCount(decoded.value) : 0;
  const { stream, sequence } = header;
  const refuse = (problem: ContentProblem, linked: boolean): Verdict => {
    const refusal = { code: problem.code, detail: problem.detail, stream, sequence };
    return { kind: "refused", refusal, linked, samples };
  };
  if (placement.kind === "refused") return refuse(placement, false);
  if (!decoded.ok) return refuse(decoded.problem, placement.linked);
  const payload = decoded.value;
  const place = payload.type === "gap" ? placeGap(payload, position) : placement;
  if (place.kind === "inconsistent") {
    return refuse({ code: "GAP_INCONSISTENT", detail: place.detail }, false);
  }
  const problem = contentProblem({ payload, header, facts });
  if (problem !== undefined) return refuse(problem, place.linked);
  return { kind: "accepted", payload, linked: place.linked };
}

interface ContentProblem {
  readonly code: RefusalCode;
  readonly detail: string;
}

function contentProblem(options: {
  payload: Payload;
  header: FrameHeader;
  facts: JudgementFacts;
}): ContentProblem | undefined {
  const { payload, header, facts } = options;
  const ahead_ms = Math.max(header.wall_ms, latestIn(payload)) - facts.now_ms;
  if (ahead_ms > facts.clockSkewMax_ms) {
    const detail = `${ahead_ms} ms ahead of this unit, at most ${facts.clockSkewMax_ms}`;
    return { code: "TIME_IN_FUTURE", detail };
  }
  if (payload.type !== "telemetry") return undefined;
  for (const [index, sample] of payload.samples.entries()) {
    const fault = facts.implausible(sample);
    if (fault === undefined) continue;
    return { code: "RANGE_IMPLAUSIBLE", detail: `sample ${index}: ${fault}` };
  }
  return undefined;
}

function latestIn(payload: Payload): number {
  switch (payload.type) {
    case "telemetry":
      return payload.samples.reduce((latest, { wall_ms }) => Math.max(latest, wall_ms), 0);
    case "alarm":
      return payload.wall_ms;
    case "gap":
      return Math.max(payload.from_ms, payload.to_ms);
  }
}
