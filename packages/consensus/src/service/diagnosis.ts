import { quantile } from "@voltfog/runtime";
import type { CertifiedView } from "./certified-service.ts";
import type { LinkView } from "./link-measure.ts";

export type ServiceCause = "latency" | "bandwidth" | "clock" | "stopped";

/** How one validator serves the chain, as another one sees it. */
export interface ServiceVerdict {
  /** Blunt: seals too few certificates, or has a cause for it that will not pass by itself. */
  readonly state: "agile" | "blunt" | "unknown";
  /** null where it is agile, or where no measure says why it is blunt. */
  readonly cause: ServiceCause | null;
}

export interface ServiceFacts {
  readonly certified: CertifiedView;
  readonly link: LinkView;
  /** Whether it was found stopped since the oldest certificate that counts. */
  readonly stoppedLately: boolean;
}

/** Where agile ends. Constants, so that two validators mean the same by the word. */
export const serviceLimits = {
  /** Below two seals in three certificates the others decide without it. */
  participationMin: 0.67,
  /** Before so many certificates participation says nothing. */
  certificatesMin: 10,
  /** Half of what a block's time may be ahead of a voter's clock: beyond it blocks come to be refused. */
  clockOffsetMax_ms: 1000,
  /** A validator says something every half second. */
  silenceMax_ms: 5000,
  pausedShareMax: 0.2,
  /** A vote's way there and back; two of them are in every decision. */
  tripMax_ms: 400,
  /** Each second; a block of 64 kB would take a second, the interval of most chains. */
  drainRateMin_bytes_per_s: 65_536,
} as const;

/** What is wrong with whom, by measures against {@link serviceLimits}. `consensusOffset_ms` is the clocks' median. */
export function diagnose(facts: ServiceFacts, consensusOffset_ms: number): ServiceVerdict {
  const { certified, link } = facts;
  const acute = acuteCause(link, consensusOffset_ms);
  if (acute !== undefined) return { state: "blunt", cause: acute };
  const { participation, certificates } = certified;
  if (participation === undefined || certificates < serviceLimits.certificatesMin) {
    return { state: "unknown", cause: null };
  }
  if (participation >= serviceLimits.participationMin) return { state: "agile", cause: null };
  return { state: "blunt", cause: lastingCause(facts) };
}

/** What makes a validator blunt whatever its seals still say. */
function acuteCause(link: LinkView, consensusOffset_ms: number): ServiceCause | undefined {
  const { pausedShare, silent_ms, connected } = link;
  if (!connected || pausedShare > serviceLimits.pausedShareMax) return "stopped";
  if (silent_ms > serviceLimits.silenceMax_ms) return isNarrow(link) ? "bandwidth" : "stopped";
  return isClockOff(link, consensusOffset_ms) ? "clock" : undefined;
}

function lastingCause({ link, stoppedLately }: ServiceFacts): ServiceCause | null {
  const { lowest_ms = 0, median_ms = 0 } = link;
  const queue_ms = median_ms - lowest_ms;
  if (isNarrow(link) || queue_ms > Math.max(lowest_ms, serviceLimits.tripMax_ms)) {
    return "bandwidth";
  }
  if (lowest_ms > serviceLimits.tripMax_ms) return "latency";
  if (stoppedLately) return "stopped";
  // Below the limit on this link, but nothing else is to be seen: the slowest of what is left.
  return median_ms > serviceLimits.tripMax_ms / 4 ? "latency" : null;
}

function isNarrow({ drainRate_bytes_per_s }: LinkView): boolean {
  return (
    drainRate_bytes_per_s !== undefined &&
    drainRate_bytes_per_s < serviceLimits.drainRateMin_bytes_per_s
  );
}

function isClockOff({ clockOffset_ms, lowest_ms = 0 }: LinkView, consensus_ms: number): boolean {
  if (clockOffset_ms === undefined) return false;
  const certain_ms = Math.abs(clockOffset_ms - consensus_ms) - lowest_ms / 2;
  return certain_ms > serviceLimits.clockOffsetMax_ms;
}

/**
 * The median of all clocks that can be read, this one's (0) included, so that the one that is wrong
 * finds itself and not the others wrong. With fewer than three nobody can tell: this one's is taken.
 */
export function consensusOffset_ms(offsets_ms: readonly number[]): number {
  return offsets_ms.length < 2 ? 0 : quantile([0, ...offsets_ms], 0.5);
}
