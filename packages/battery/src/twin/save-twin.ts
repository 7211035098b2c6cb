import { meanOf, type PackTwin } from "./pack-twin.ts";
import type { TwinState } from "./twin-state.ts";

/** What a twin would keep now; undefined before its first sound sample. */
export function twinState(twin: PackTwin): TwinState | undefined {
  const { options, charge, latest } = twin;
  const saved = charge.saved;
  if (saved === undefined || latest === undefined || saved.soc.length !== options.cells) {
    return undefined;
  }
  const { expected_degC, coolant_degC } = twin.thermal;
  const { cause, score, place } = twin.anomaly;
  if (!Number.isFinite(expected_degC + coolant_degC)) return undefined;
  const soc = Array.from(saved.soc, (_, cell) => twin.cellSoc(cell));
  // The differences' own mean wanders a little; the saved cells have the twin's mean.
  const off = meanOf(saved.soc) - meanOf(Float64Array.from(soc));
  return {
    format: "voltfog-twin-1",
    ...{ cells: options.cells, sensors: options.sensors, capacity_Ah: options.capacity_Ah },
    cell: options.cell.name,
    wall_ms: latest.wall_ms,
    samples: twin.samples,
    soc: soc.map((each) => Math.min(1, Math.max(0, each + off))),
    sigma: saved.sigma,
    residual_V: Array.from(twin.residuals.residual_V),
    resistance: Array.from(twin.resistance.saved),
    capacity: twin.capacity.saved,
    load: twin.load,
    thermal: { expected_degC, coolant_degC },
    suspect: twin.suspect ?? null,
    anomaly: { cause, score, ...(place === undefined ? {} : { place }) },
    last: {
      packVoltage_V: latest.packVoltage_V,
      packCurrent_A: latest.packCurrent_A,
      cellVoltage_mV: Array.from(latest.cellVoltage_mV),
      temperature_degC: Array.from(latest.temperature_degC),
    },
  };
}
