import type { ChargeForecast, ChargePlan, ControlSuggestion, TwinStatus } from "@voltfog/battery";

interface Told {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

type Row = readonly [name: string, value: string, interval: string, remark: string];

/** A status for the eye. */
export function statusText(vehicle: string, status: TwinStatus, at_ms: number): string {
  const { soc, imbalance, capacity_Ah, weakest_Ah, resistanceFactor, energy_Wh } = status;
  const { residual, thermal } = status;
  const rows: readonly Row[] = [
    row("state of charge", soc, { factor: 100, unit: "%" }),
    row("imbalance", imbalance, {
      ...{ factor: 100, unit: "%" },
      remark: `cell ${imbalance.emptiestCell} least, ${imbalance.fullestCell} most`,
    }),
    row("capacity", capacity_Ah, { unit: "Ah" }),
    row("weakest cell", weakest_Ah, { unit: "Ah", remark: `cell ${weakest_Ah.cell}` }),
    row("resistance over new", resistanceFactor, {
      digits: 2,
      remark: `${resistanceFactor.steps} steps, highest in cell ${resistanceFactor.highestCell}`,
    }),
    row("energy left", energy_Wh, {
      ...{ factor: 0.001, unit: "kWh" },
      remark: `at ${energy_Wh.load.toFixed(2)} C, ${energy_Wh.cell_degC.toFixed(0)} °C`,
    }),
    ...status.power.flatMap(({ time_s, discharge_kW, charge_kW }) => [
      row(`discharge for ${time_s} s`, discharge_kW, {
        ...{ unit: "kW", digits: 0, remark: `cell ${discharge_kW.cell}` },
      }),
      row(`charge for ${time_s} s`, charge_kW, {
        ...{ unit: "kW", digits: 0, remark: `cell ${charge_kW.cell}` },
      }),
    ]),
    ["worst residual", `${residual.cell_mV.toFixed(1)} mV`, "", `cell ${residual.cell}`],
    [
      "thermal residual",
      `${thermal.residual_K.toFixed(1)} K`,
      "",
      `coolant ${thermal.coolant_degC.toFixed(1)} °C`,
    ],
    ["anomaly score", status.anomaly.score.toFixed(2), "", `${status.anomaly.cause}; alarm from 1`],
  ];
  const { suspect } = status;
  return [
    `${vehicle} at ${new Date(at_ms).toISOString()}, ${status.samples} readings`,
    ...(suspect === undefined
      ? []
      : [`SUSPECT: ${suspect.cause} since ${new Date(suspect.since_ms).toISOString()}`]),
    table([["", "VALUE", "95 % BETWEEN", ""], ...rows]),
    ...status.hints.map(({ code, sentence }) => `${code}: ${sentence}`),
    ...(status.hints.length === 0 ? ["nothing to maintain"] : []),
  ].join("\n");
}

/** A forecast for the eye. */
export function forecastText(o: {
  vehicle: string;
  plan: ChargePlan;
  fromSoc: number;
  forecast: ChargeForecast;
  suggestions: readonly ControlSuggestion[];
}): string {
  const { plan, forecast } = o;
  const ends = {
    reached: "reaches its target",
    stopped: `stops before its target (${forecast.limit})`,
    "too-long": "does not reach its target in two days",
  } as const;
  const rows: readonly Row[] = [
    row("time", forecast.duration_s, { factor: 1 / 60, unit: "min", digits: 0 }),
    row("energy from the charger", forecast.energy_Wh, { factor: 0.001, unit: "kWh" }),
    row("hottest part", forecast.hottest_degC, { unit: "°C" }),
    ["at the end", `${forecast.end_degC.toFixed(1)} °C`, "", "mean of the pack"],
    row("capacity lost", forecast.wear, { factor: 1e6, unit: "ppm", digits: 0 }),
    ["heat for the coolant", `${(forecast.heating_Wh / 1000).toFixed(1)} kWh`, "", ""],
    [forecast.end === "stopped" ? "stopped by" : "held back most by", forecast.limit, "", ""],
  ];
  const percent = (soc: number): string => `${(100 * soc).toFixed(0)} %`;
  if (plan.targetSoc <= o.fromSoc) {
    return `${o.vehicle}: the pack is at ${percent(o.fromSoc)} already, ${percent(plan.targetSoc)} needs no charge`;
  }
  return [
    `${o.vehicle}: from ${percent(o.fromSoc)} to ${percent(plan.targetSoc)} with ${plan.charger_kW} kW at ${plan.ambient_degC} °C, ${plan.pattern}${plan.isPreconditioned ? ", coolant heated" : ""}: ${ends[forecast.end]} (${percent(forecast.endSoc)})`,
    table([["", "VALUE", "95 % BETWEEN", ""], ...rows]),
    ...o.suggestions.map(({ code, sentence }) => `${code}: ${sentence}`),
  ].join("\n");
}

function row(
  name: string,
  told: Told,
  o: { factor?: number; unit?: string; digits?: number; remark?: string },
): Row {
  const { factor = 1, unit = "", digits = 1, remark = "" } = o;
  // No minus before a zero.
  const text = (value: number): string =>
    (factor * value).toFixed(digits).replace(/^-(0(?:\.0+)?)$/, "$1");
  return [
    name,
    `${text(told.value)} ${unit}`.trim(),
    `${text(told.low)} .. ${text(told.high)}`,
    remark,
  ];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
