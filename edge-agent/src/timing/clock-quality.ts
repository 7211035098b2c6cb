import type { ClockQuality } from "@voltfog/messages";

/** What the machine's own time services say of its wall clock, as it was found. */
export interface ClockEvidence {
  /** The line of `chronyc -c tracking`; undefined where chronyd does not answer. */
  readonly chronyTracking: string | undefined;
  /** When systemd-timesyncd last touched its mark, by the wall clock; undefined without the mark. */
  readonly timesyncTouched_ms: number | undefined;
}

/** A clock that may be off by more is no reference for ordering the readings of two vehicles. */
const errorMax_s = 1;
/** timesyncd asks at least every 2048 s and touches the mark at each answer; three misses are silence. */
const touchedAgeMax_ms = 3 * 2_048_000;
/** The mark may be a little younger than a wall clock that is being slewed. */
const touchedAheadMax_ms = 1000;

/**
 * Unknown where no time service of the machine says anything: then the clock may be right or wrong, and
 * the frame says so. A service that is there and has no reference makes it free-running.
 * Sources: chronyc(1), "tracking"; systemd-timesyncd.service(8), /run/systemd/timesync/synchronized.
 */
export function clockQualityOf(evidence: ClockEvidence, wall_ms: number): ClockQuality {
  const { chronyTracking, timesyncTouched_ms } = evidence;
  if (chronyTracking !== undefined) return chronyQuality(chronyTracking);
  if (timesyncTouched_ms === undefined) return "unknown";
  const age_ms = wall_ms - timesyncTouched_ms;
  const isRecent = age_ms >= -touchedAheadMax_ms && age_ms <= touchedAgeMax_ms;
  return isRecent ? "synchronised" : "free-running";
}

/**
 * Fields: reference id, name, stratum, reference time, system time, last offset, RMS offset, frequency,
 * residual frequency, skew, root delay, root dispersion, update interval, leap status.
 */
function chronyQuality(tracking: string): ClockQuality {
  const fields = tracking.trim().split(",");
  const leapStatus = fields[13];
  if (fields.length !== 14 || leapStatus === undefined) return "unknown";
  if (leapStatus === "Not synchronised") return "free-running";
  const [offset_s, rootDelay_s, rootDispersion_s] = [fields[4], fields[10], fields[11]].map(Number);
  // The bound that chrony itself gives for the error of its clock.
  const error_s = Math.abs(offset_s ?? NaN) + (rootDelay_s ?? NaN) / 2 + (rootDispersion_s ?? NaN);
  if (!Number.isFinite(error_s)) return "unknown";
  return error_s <= errorMax_s ? "synchronised" : "free-running";
}
