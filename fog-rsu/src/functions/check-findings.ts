import { accepted, type Outcome, refused } from "@voltfog/runtime";
import type { Estimate, EstimateName, Finding, FrameReference } from "./network-function.ts";
import type { SampleBatch } from "./sample-batch.ts";

/** Findings of one batch, beyond so many for each of its samples, are a flood. */
const perSampleMax = 16;
const perBatchMax = 256;
const textMax = 200;

const estimateNames: ReadonlySet<unknown> = new Set<EstimateName>([
  "soc",
  "soc-lowest-cell",
  "soc-highest-cell",
]);

/**
 * The findings in what a function's thread posted, each with the frame of the batch that it names: a function
 * cannot make one up. What a condition or a request says its takers check.
 */
export function checkFindings(
  posted: readonly unknown[],
  batch: SampleBatch | undefined,
): Outcome<readonly Finding[]> {
  const samples = batch?.cellEnds.length ?? 0;
  const most = batch === undefined ? 0 : perBatchMax + perSampleMax * samples;
  if (posted.length > most) return bad(`${posted.length} findings of ${samples} samples`);
  const frames = new Map<unknown, { vehicleId: string; frame: FrameReference }>();
  if (posted.length > 0) {
    for (const slice of batch?.frames ?? []) frames.set(slice.frame.logIndex, slice);
  }
  const findings: Finding[] = [];
  for (const one of posted) {
    if (!isFinding(one)) return bad("a finding that is none");
    const slice = frames.get(one.frame.logIndex);
    if (slice === undefined || slice.vehicleId !== one.vehicleId) {
      return bad("a finding of a frame that it was not shown");
    }
    findings.push({ ...one, frame: slice.frame });
  }
  return accepted(findings);
}

function bad(detail: string): Outcome<never> {
  return refused({ code: "FINDINGS_INVALID", detail });
}

function isFinding(value: unknown): value is Finding {
  if (!isRecord(value) || !isRecord(value["frame"])) return false;
  if (typeof value["vehicleId"] !== "string" || !Number.isFinite(value["at_ms"])) return false;
  switch (value["kind"]) {
    case "condition":
      return isRecord(value["condition"]);
    case "command":
      return isRecord(value["request"]) && Number.isFinite(value["request"]["value"]);
    case "estimate":
      return isEstimate(value["estimate"]);
    default:
      return false;
  }
}

function isEstimate(value: unknown): value is Estimate {
  if (!isRecord(value)) return false;
  const { name, value: middle, low, high, estimator, at_ms, suspect } = value as Partial<Estimate>;
  const isOrdered = Number(low) <= Number(middle) && Number(middle) <= Number(high);
  const areNumbers = [low, middle, high, at_ms].every(Number.isFinite);
  const isText = typeof estimator === "string" && estimator.length <= textMax;
  const isSuspect = suspect === null || (typeof suspect === "string" && suspect.length <= textMax);
  return estimateNames.has(name) && isOrdered && areNumbers && isText && isSuspect;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
