import type { HistoryFaultKind } from "@voltfog/battery";
import { type ReportRow, reportRow } from "@voltfog/runtime";
import { auroc } from "./risk-quality.ts";
import type { VehicleRecord } from "./vehicle-record.ts";

/** Faults that can end in heat. */
const hazards: readonly HistoryFaultKind[] = ["internal-short", "connection", "cooling-loss"];
/** From here on a safety score is an early warning. */
const warning = 0.5;

/** How the anomaly and the safety score tell vehicles with a half-grown fault from those without any. */
export function scoreRows(records: readonly VehicleRecord[]): readonly ReportRow[] {
  const samples = records.flatMap((record) => record.samples);
  const sound = samples.filter(({ grown }) => grown === null);
  const grown = samples.filter(({ grown: kind }) => kind != null && kind !== "sudden");
  const hot = grown.filter(({ grown: kind }) => kind != null && hazards.includes(kind));
  const row = (metric: string, unit: string, values: readonly number[]): ReportRow =>
    reportRow({ metric: `maintenance.${metric}`, unit, values });
  const areaOf = (list: typeof samples, score: "anomalyScore" | "safetyScore"): number =>
    auroc([
      ...list.map((sample) => ({ score: sample[score], fails: true })),
      ...sound.map((sample) => ({ score: sample[score], fails: false })),
    ]);
  const leads = records.flatMap((record) => leadsOf(record));
  const warned = sound.filter(({ safetyScore }) => safetyScore >= warning).length;
  return [
    row("anomaly.auroc", "", [areaOf(grown, "anomalyScore")]),
    row("safety.auroc", "", [areaOf(hot, "safetyScore")]),
    row("safety.false_warnings", "share", [warned / Math.max(1, sound.length)]),
    ...(leads.length > 0 ? [row("safety.lead", "d", leads)] : []),
  ];
}

/** Days from the first warning to the failure of each hazard of a vehicle; 0 where none came. */
function leadsOf({ faults, samples }: VehicleRecord): readonly number[] {
  const last = samples.at(-1)?.day ?? 0;
  return faults
    .filter(({ kind, failureDay }) => hazards.includes(kind) && failureDay <= last)
    .map(({ onsetDay, failureDay }) => {
      const first = samples.find(
        ({ day, safetyScore }) => day >= onsetDay && day <= failureDay && safetyScore >= warning,
      );
      return first === undefined ? 0 : failureDay - first.day;
    });
}
