import type { HealthDay } from "../api/health-shapes.ts";

/** A figure that every day has its own of. */
export interface DayFigure {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  readonly digits: number;
  readonly known: "measured" | "estimated";
  of(day: HealthDay): number | null;
}

const hour_s = 3600;

/** What the heat map of days can show; all but the first are better where they are low. */
export const dayFigures: readonly DayFigure[] = [
  {
    ...{ key: "imbalance", label: "Cell imbalance at rest", unit: "mV", digits: 0 },
    known: "measured",
    of: ({ imbalance_mV }) => imbalance_mV,
  },
  {
    ...{ key: "temperature", label: "Temperature spread", unit: "K", digits: 1 },
    known: "measured",
    of: ({ temperatureSpread_K }) => temperatureSpread_K,
  },
  {
    ...{ key: "anomaly", label: "Anomaly score", unit: "", digits: 2, known: "estimated" },
    of: ({ anomalyScore }) => anomalyScore,
  },
  {
    ...{ key: "safety", label: "Early safety score", unit: "", digits: 2, known: "estimated" },
    of: ({ safetyScore }) => safetyScore,
  },
  {
    ...{ key: "resistance", label: "Resistance of a cell at 25 °C", unit: "mΩ", digits: 2 },
    known: "estimated",
    of: ({ resistance_Ohm }) => (resistance_Ohm === null ? null : resistance_Ohm.value * 1000),
  },
  {
    ...{ key: "full", label: "Time above 90 % charge", unit: "h", digits: 1, known: "measured" },
    of: ({ timeHighSoc_s }) => timeHighSoc_s / hour_s,
  },
  {
    ...{ key: "hot", label: "Time above 40 °C", unit: "h", digits: 1, known: "measured" },
    of: ({ timeHot_s }) => timeHot_s / hour_s,
  },
  {
    ...{ key: "fast", label: "Share of fast charge", unit: "%", digits: 0, known: "measured" },
    of: ({ fastChargeShare }) => fastChargeShare * 100,
  },
  {
    ...{ key: "cycles", label: "Full cycles", unit: "", digits: 2, known: "measured" },
    of: ({ fullCycles }) => fullCycles,
  },
  {
    ...{ key: "covered", label: "Time covered by samples", unit: "h", digits: 1 },
    known: "measured",
    of: ({ covered_s }) => covered_s / hour_s,
  },
];

/** The figure of that key; the first where there is none. */
export function dayFigure(key: string | null): DayFigure {
  const [first] = dayFigures;
  const found = dayFigures.find((one) => one.key === key) ?? first;
  if (found === undefined) throw new Error("there are figures");
  return found;
}

/** A day in a calendar: its column is the week of the year, its row the day of the week from Monday. */
export interface CalendarPlace {
  readonly year: number;
  readonly week: number;
  readonly weekday: number;
}

export function calendarPlace(day: string): CalendarPlace {
  const date = new Date(`${day}T00:00:00Z`);
  const year = date.getUTCFullYear();
  const firstWeekday = (new Date(Date.UTC(year, 0, 1)).getUTCDay() + 6) % 7;
  const dayOfYear = Math.round((date.getTime() - Date.UTC(year, 0, 1)) / 86_400_000);
  const weekday = (date.getUTCDay() + 6) % 7;
  return { year, week: Math.floor((dayOfYear + firstWeekday) / 7), weekday };
}
