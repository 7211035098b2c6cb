/** One frame that an edge agent cut, by its journal. */
export interface CutFrame {
  readonly kind: "telemetry" | "alarm" | "gap";
  /** Inside the frame; for a gap those that it declares lost. */
  readonly samples: number;
  /** Hex. */
  readonly commitment: string;
}

/** All that one vehicle's agent took and cut. */
export interface VehicleJournal {
  readonly vehicleId: string;
  readonly frames: readonly CutFrame[];
  /** Commitments of frames that no unit has acknowledged. */
  readonly outbox: ReadonlySet<string>;
  /** Samples that the agent took and lost, declared or not. */
  readonly skippedSamples: number;
  /** The part of them whose gap is not cut yet: the declaration waits there. */
  readonly openGapSamples: number;
  /** Samples taken that are in no frame. */
  readonly unframedSamples: number;
}

/** One entry of a unit's log. */
export interface LoggedFrame {
  readonly kind: "frame" | "refused" | "gap";
  readonly commitment: string;
  /** Inside the frame; for a gap those that it declares lost. */
  readonly samples: number;
  /** Refusal code; undefined for the others. */
  readonly code: string | undefined;
}

export interface VehicleLoss {
  readonly vehicleId: string;
  readonly samplesSent: number;
  readonly unexplainedLoss: number;
}

export interface SampleCount {
  readonly samplesSent: number;
  readonly samplesDurable: number;
  readonly gapsDeclared: number;
  readonly samplesInGaps: number;
  readonly samplesRefused: number;
  readonly samplesInOutboxes: number;
  /** Were in a log that came back from a backup shorter than the chain had it. */
  readonly samplesLostAfterBackup: number;
  readonly unexplainedLoss: number;
  readonly framesRefused: Readonly<Record<string, number>>;
  readonly vehicles: readonly VehicleLoss[];
}

interface Explained {
  readonly samples: number;
  readonly by: "accepted" | "refused" | "gap" | "outbox";
}

/**
 * What was sent, what is durable, and what is missing without explanation. A sample that was taken is
 * explained when its frame, matched by commitment, is an accepted or refused entry of any log or still
 * in the outbox, or when it was declared lost by a gap for which the same holds. Every vehicle and every
 * frame counts for itself: what is too many in one place never makes up for what is missing in another.
 * Where units were restored, as many missing frames as the chain proves to be lost with their logs are
 * explained by that, and no more.
 */
export function countSamples(options: {
  journals: readonly VehicleJournal[];
  logged: Iterable<LoggedFrame>;
  /** Of all logs that came back shorter; none unless told. */
  entriesLostAfterBackup?: number;
}): SampleCount {
  const entries = uniqueEntries(options.logged);
  const backup = { entriesLeft: options.entriesLostAfterBackup ?? 0, samples: 0 };
  const vehicles = options.journals.map((journal) => vehicleLoss(journal, { entries, backup }));
  const total = { accepted: 0, refused: 0, gap: 0, gaps: 0 };
  const framesRefused: Record<string, number> = {};
  for (const entry of entries.values()) {
    if (entry.kind === "frame") total.accepted += entry.samples;
    if (entry.kind === "refused") {
      total.refused += entry.samples;
      const code = entry.code ?? "UNKNOWN";
      framesRefused[code] = (framesRefused[code] ?? 0) + 1;
    }
    if (entry.kind === "gap") {
      total.gap += entry.samples;
      total.gaps += 1;
    }
  }
  return {
    samplesSent: sum(vehicles.map((one) => one.samplesSent)),
    samplesDurable: total.accepted,
    gapsDeclared: total.gaps,
    samplesInGaps: total.gap,
    samplesRefused: total.refused,
    samplesInOutboxes: sum(options.journals.map((journal) => samplesInOutbox(journal, entries))),
    samplesLostAfterBackup: backup.samples,
    unexplainedLoss: sum(vehicles.map((one) => one.unexplainedLoss)),
    framesRefused,
    vehicles,
  };
}

/** A frame may stand in several logs after roaming, and as refused beside accepted; the best standing counts once. */
function uniqueEntries(logged: Iterable<LoggedFrame>): ReadonlyMap<string, LoggedFrame> {
  const entries = new Map<string, LoggedFrame>();
  for (const entry of logged) {
    const known = entries.get(entry.commitment);
    if (known === undefined || known.kind === "refused") entries.set(entry.commitment, entry);
  }
  return entries;
}

function vehicleLoss(
  journal: VehicleJournal,
  found: {
    readonly entries: ReadonlyMap<string, LoggedFrame>;
    readonly backup: { entriesLeft: number; samples: number };
  },
): VehicleLoss {
  const { entries, backup } = found;
  const gaps = journal.frames.filter(({ kind }) => kind === "gap");
  const declared = sum(gaps.map(({ samples }) => samples)) + journal.openGapSamples;
  const undeclared = Math.max(0, journal.skippedSamples - declared);
  let sent = journal.openGapSamples + journal.unframedSamples + undeclared;
  let lost = journal.unframedSamples + undeclared;
  for (const frame of journal.frames) {
    sent += frame.samples;
    const explained = explain(frame, { journal, entries })?.samples;
    if (explained === undefined && backup.entriesLeft > 0) {
      backup.entriesLeft--;
      backup.samples += frame.samples;
    } else lost += Math.max(0, frame.samples - (explained ?? 0));
  }
  return { vehicleId: journal.vehicleId, samplesSent: sent, unexplainedLoss: lost };
}

function explain(
  frame: CutFrame,
  where: { journal: VehicleJournal; entries: ReadonlyMap<string, LoggedFrame> },
): Explained | undefined {
  const entry = where.entries.get(frame.commitment);
  if (entry?.kind === "frame") return { samples: entry.samples, by: "accepted" };
  if (entry?.kind === "gap") return { samples: entry.samples, by: "gap" };
  // A refused entry may not know how many samples it refused; the journal does.
  if (entry?.kind === "refused") return { samples: frame.samples, by: "refused" };
  if (where.journal.outbox.has(frame.commitment)) return { samples: frame.samples, by: "outbox" };
  return undefined;
}

/** A frame in a log may still be in the outbox when its receipt was lost; it counts in the log only. */
function samplesInOutbox(
  journal: VehicleJournal,
  entries: ReadonlyMap<string, LoggedFrame>,
): number {
  const waiting = journal.frames.filter(
    (frame) => explain(frame, { journal, entries })?.by === "outbox",
  );
  return sum(waiting.map((frame) => frame.samples)) + journal.openGapSamples;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
