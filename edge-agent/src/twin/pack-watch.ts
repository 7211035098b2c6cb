import {
  lgHg2Cell,
  PackAlarms,
  PlausibilityCheck,
  type PlausibilityProblem,
  type SafeOperatingArea,
  scaledToPack,
} from "@voltfog/battery";
import type { AlarmPayload } from "@voltfog/messages";
import type { Reading } from "../sampling/battery-source.ts";

/** What the vehicle's twin says about a reading. */
export type Verdict =
  | { readonly plausible: true; readonly alarms: readonly AlarmPayload[]; readonly suspect: string }
  | { readonly plausible: false; readonly problem: PlausibilityProblem };

/** The area of the packs that replay and simulator make: 150 Ah of LG HG2 cells. */
export const replayedPackArea: SafeOperatingArea = scaledToPack(lgHg2Cell, 150);

/**
 * Judges every reading of one pack before anything is recorded. A reading that no pack can show (not
 * finite, out of a sensor's range, cells that do not add up to the pack) is refused: it is counted and
 * logged by its code and takes no part in frames, since a unit would refuse the whole frame for it. A
 * measurement that only looks stuck is recorded and marked suspect. Alarms are asserted once, held and
 * cleared by PackAlarms; only assertions are sent.
 */
export class PackWatch {
  readonly #plausibility = new PlausibilityCheck();
  readonly #alarms: PackAlarms;

  constructor(options: { area: SafeOperatingArea }) {
    this.#alarms = new PackAlarms({ area: options.area });
  }

  judge(reading: Reading): Verdict {
    const problems = this.#plausibility.check(reading.sample);
    const problem = problems.find(({ code }) => code !== "STUCK");
    if (problem !== undefined) return { plausible: false, problem };
    const alarms = this.#alarms
      .update(reading.sample)
      .filter(({ state }) => state === "asserted")
      .map(
        (change): AlarmPayload => ({
          type: "alarm",
          origin: reading.origin,
          alarm: change.class,
          level: change.level,
          cell: change.cell,
          value: change.value,
          limit: change.limit,
          wall_ms: reading.sample.wall_ms,
        }),
      );
    return { plausible: true, alarms, suspect: problems[0]?.code ?? "" };
  }
}
