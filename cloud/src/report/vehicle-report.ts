import type { Alert } from "../alerts/alert.ts";
import type { HealthAnswer } from "../api/maintenance-schemas.ts";
import type { FrameView } from "../api/responses.ts";
import type { HealthDay } from "../maintenance/health-view.ts";
import type { Interval, RankedView } from "../maintenance/maintenance-desk.ts";
import type { WorkOrder } from "../maintenance/work-order-store.ts";
import { type DrawnLine, drawHistory } from "./draw-history.ts";
import { ReportSheet, type SheetColumn } from "./report-sheet.ts";

/** All that a report says; it asks for nothing itself. */
export interface ReportFacts {
  readonly health: HealthAnswer;
  readonly ranked: RankedView | undefined;
  readonly horizon_d: number;
  readonly alerts: readonly Alert[];
  readonly orders: readonly WorkOrder[];
  /** Its newest frame that is final; undefined where there is none. */
  readonly frame: FrameView | undefined;
  /** SHA-256 of the daily figures as CSV, in hex, and the address of those bytes. */
  readonly figuresHash: string;
  readonly figuresAddress: string;
  readonly made_ms: number;
}

const causesMax = 12;
const listedMax = 10;
const parts = [
  ...["ageing", "temperature", "imbalance", "recalibration", "estimator", "unexplained"],
] as readonly (
  | "ageing"
  | "temperature"
  | "imbalance"
  | "recalibration"
  | "estimator"
  | "unexplained"
)[];

/** One vehicle's health as a PDF file: the same facts give the same bytes. Cost: some ms a year of days. */
export function vehicleReport(facts: ReportFacts): Uint8Array {
  const { health, made_ms } = facts;
  const title = `Battery report: ${health.vehicleId}`;
  const sheet = new ReportSheet({ title, made_ms });
  sheet.title(title);
  sheet.paragraph(
    `Made ${minute(made_ms)} UTC from the figures of ${health.quality.days} days, ${health.quality.firstDay} to ${health.quality.lastDay}. Intervals hold the truth in 9 of 10 cases. Each figure says how it is known.`,
    { isQuiet: true },
  );
  const warning = originWords(health);
  if (warning !== undefined) sheet.warning(warning);
  figures(sheet, facts);
  curves(sheet, health);
  causes(sheet, health);
  warranty(sheet, health);
  quality(sheet, health);
  care(sheet, facts);
  verification(sheet, facts);
  return sheet.bytes(`Voltfog, ${title}, ${minute(made_ms)} UTC`);
}

function originWords({ origin, days }: HealthAnswer): string | undefined {
  if (origin === "measured") return undefined;
  const isFinal = days.every(({ finality }) => finality === "final");
  const record = isFinal
    ? "The figures rest on final frames."
    : "No record stands behind all of these figures.";
  const kind = origin === "mixed" ? "in part simulated or replayed" : origin;
  return `This vehicle's data is ${kind}, not measured on the road. ${record}`;
}

function figures(sheet: ReportSheet, facts: ReportFacts): void {
  const { ranked } = facts;
  sheet.heading("Figures");
  sheet.table(
    [
      { name: "Figure", x: 0, width: 165 },
      { name: "Value", x: 170, width: 75 },
      { name: "Interval", x: 250, width: 110 },
      { name: "How it is known", x: 365, width: 134 },
    ],
    [...intervalRows(facts), ...plainRows(newestVersion(facts.health.days))],
  );
  if (ranked !== undefined) sheet.paragraph(`Why it stands where it does: ${ranked.because}.`);
}

interface Told {
  readonly day: string;
  readonly figure: Interval;
}

/** A figure with its interval, on the last day that it is known of. */
function intervalRows({ health, ranked, horizon_d }: ReportFacts): readonly (readonly string[])[] {
  const newest = newestVersion(health.days);
  const told = (pick: (day: HealthDay) => Interval | null): Told | undefined => {
    const day = newest.findLast((one) => pick(one) !== null);
    const figure = day === undefined ? null : pick(day);
    return day === undefined || figure === null ? undefined : { day: day.day, figure };
  };
  const last = newest.at(-1);
  const estimated = `estimated by ${last?.estimator} ${last?.version}`;
  const share = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const resistance = (value: number): string => `${(1000 * value).toFixed(2)} mΩ`;
  const days = (value: number): string => `${Math.round(value)} days`;
  const ahead = "forecast, if use goes on alike";
  const fault = ranked && { day: ranked.day, figure: ranked.faultProbability };
  return [
    row(
      "State of health",
      told((day) => day.soh),
      { text: share, known: estimated },
    ),
    row(
      "Capacity of the cells at 25 °C",
      told((day) => day.cellHealth),
      {
        ...{ text: share, known: estimated },
      },
    ),
    row(
      "Resistance of a cell at 25 °C",
      told((day) => day.resistance_Ohm),
      {
        ...{ text: resistance, known: estimated },
      },
    ),
    row(
      "Life until 80 % of that capacity",
      told((day) => day.remainingLife_d),
      {
        ...{ text: days, known: ahead },
      },
    ),
    row(`A fault fails within ${horizon_d} days`, fault, { text: share, known: "forecast" }),
  ];
}

function row(
  name: string,
  found: Told | undefined,
  { text, known }: { text: (value: number) => string; known: string },
): readonly string[] {
  if (found === undefined) return [name, "not known", "", ""];
  const { value, low, high } = found.figure;
  return [name, text(value), `${text(low)} to ${text(high)}`, `${known}, ${found.day}`];
}

function plainRows(newest: readonly HealthDay[]): readonly (readonly string[])[] {
  const last = newest.at(-1);
  if (last === undefined) return [];
  const estimated = `estimated, ${last.day}`;
  const counted = `counted, ${last.origin}`;
  return [
    ["Anomaly score", last.anomalyScore.toFixed(2), "1 is an alarm", estimated],
    ["Early safety score", last.safetyScore.toFixed(2), "of 1", estimated],
    ["Samples", String(sum(newest, ({ samples }) => samples)), "", counted],
    ["Full cycles", sum(newest, ({ fullCycles }) => fullCycles).toFixed(0), "", counted],
  ];
}

function curves(sheet: ReportSheet, health: HealthAnswer): void {
  const day = (name: string): number => Date.parse(`${name}T00:00:00Z`);
  const versions = [...new Set(health.days.map(({ version }) => version))].sort(byNumber);
  const colours = [
    [0.71, 0.33, 0.04],
    [0.29, 0.31, 0.66],
  ] as const;
  const lines = versions.map((version, at): DrawnLine => {
    const isNewest = at === versions.length - 1;
    return {
      label: `version ${version}`,
      colour: isNewest ? [0.04, 0.43, 0.39] : (colours[at % 2] ?? colours[0]),
      points: health.days
        .filter((one) => one.version === version)
        .map((one) => ({ at_ms: day(one.day), ends: one.soh })),
    };
  });
  sheet.heading("State of health", 156);
  drawHistory({ ...sheet.figure(118), height: 118 }, { lines, limits: [0.8] });
  if (health.forecast.length === 0) return;
  sheet.heading("Capacity of the cells: estimated and forecast", 156);
  const past: DrawnLine = {
    label: "estimated",
    colour: [0.04, 0.43, 0.39],
    points: newestVersion(health.days)
      .filter((_one, at) => at % 7 === 0)
      .map((one) => ({ at_ms: day(one.day), ends: one.cellHealth })),
  };
  const ahead: DrawnLine = {
    ...{ label: "forecast, if use goes on alike", colour: [0.29, 0.31, 0.66], isForecast: true },
    points: health.forecast.map((one) => ({ at_ms: day(one.day), ends: one.cellHealth })),
  };
  const place = { ...sheet.figure(118), height: 118 };
  drawHistory(place, { lines: [past, ahead], limits: [0.8, 0.72] });
}

function causes(sheet: ReportSheet, { attributions }: HealthAnswer): void {
  sheet.heading("Why the state of health changed");
  if (attributions.length === 0) {
    sheet.paragraph("The first split comes when two months have a state of health.");
    return;
  }
  sheet.paragraph(
    "Points of state of health between the last days of months, estimated. The parts sum to the total; what none of them explains is its own.",
    { isQuiet: true },
  );
  const columns: readonly SheetColumn[] = [
    { name: "To", x: 0, width: 60 },
    { name: "Total", x: 100, width: 50, isRight: true },
    ...parts.map((name, at) => ({ name, x: 172 + at * 65, width: 62, isRight: true })),
  ];
  const rows = attributions
    .slice(-causesMax)
    .reverse()
    .map((one) => [one.to, points(one.total), ...parts.map((part) => points(one[part]))]);
  sheet.table(columns, rows);
}

function warranty(sheet: ReportSheet, { warranty: known }: HealthAnswer): void {
  sheet.heading("Warranty");
  if (known === null) {
    sheet.paragraph("Not known yet: the trend of the capacity needs some weeks.");
    return;
  }
  const { status, asked, margin, crossing_d, ends_d } = known;
  const days = (value: number | null): string => (value === null ? "never" : `in ${value} days`);
  const { value, low, high } = crossing_d;
  const crossing =
    low === null
      ? "No end of the forecast falls below it before then."
      : `The forecast falls below it: ${days(value)}; at the earliest ${days(low)}, at the latest ${days(high)}.`;
  const now =
    asked === null || margin === null
      ? "The last limit has ended."
      : `${(100 * asked).toFixed(0)} % is asked today; the margin is ${points(margin.value)} points (${points(margin.low)} to ${points(margin.high)}), forecast. The last limit ends in ${Math.round(ends_d)} days. ${crossing}`;
  sheet.paragraph(`Status: ${status}. ${now}`);
  sheet.paragraph(
    "Battery durability of cars after Regulation (EU) 2024/1257 (Euro 7): 80 % until 5 years or 100,000 km, then 72 % until 8 years or 160,000 km. The capacity of the cells stands for the certified energy: an indication, not the regulation's test.",
    { isQuiet: true },
  );
}

function quality(sheet: ReportSheet, { quality: data }: HealthAnswer): void {
  sheet.heading("Data quality");
  const missing =
    data.daysMissing === 0 ? "No day is missing" : `${data.daysMissing} days have none`;
  sheet.paragraph(
    `Figures of ${data.days} days. ${missing}. Declared gaps: ${data.gaps.length}${data.gaps.length > listedMax ? `, the newest ${listedMax} below` : ""}.`,
  );
  if (data.gaps.length === 0) return;
  const newest = [...data.gaps].sort((a, b) => b.from_ms - a.from_ms).slice(0, listedMax);
  sheet.table(
    [
      { name: "From, UTC", x: 0, width: 110 },
      { name: "To, UTC", x: 120, width: 110 },
      { name: "Cause", x: 240, width: 180 },
      { name: "Samples lost", x: 499, width: 70, isRight: true },
    ],
    newest.map((gap) => [minute(gap.from_ms), minute(gap.to_ms), gap.cause, String(gap.samples)]),
  );
}

function care(sheet: ReportSheet, { alerts, orders }: ReportFacts): void {
  sheet.heading("Alerts and work");
  if (alerts.length + orders.length === 0) {
    sheet.paragraph("No alert was raised and no work was ordered.");
    return;
  }
  const rows = [
    ...alerts
      .slice(0, listedMax)
      .map((one) => [
        ...[minute(one.first_ms), `alert ${one.id}, level ${one.level}`, one.state, one.sentence],
      ]),
    ...orders.slice(0, listedMax).map((one) => {
      const note = one.outcomeNote === null ? "" : ` (${one.outcomeNote})`;
      const state = one.outcome ?? one.state;
      return [minute(one.created_ms), `order ${one.id}, ${one.work}`, state, one.reason + note];
    }),
  ];
  sheet.table(
    [
      { name: "When, UTC", x: 0, width: 92 },
      { name: "What", x: 97, width: 95 },
      { name: "State", x: 197, width: 70 },
      { name: "In words", x: 272, width: 227 },
    ],
    rows,
  );
}

function verification(sheet: ReportSheet, facts: ReportFacts): void {
  const { frame, health, figuresAddress, figuresHash } = facts;
  sheet.heading("How to check this");
  sheet.paragraph(`SHA-256 of the daily figures, as GET ${figuresAddress} gives them:`);
  sheet.paragraph(figuresHash);
  if (frame === undefined) {
    sheet.paragraph("No final frame of this vehicle is in a log: nothing here can be proved.");
    return;
  }
  const path = `/v1/vehicles/${health.vehicleId}/frames/${frame.sequence}/bundle`;
  sheet.paragraph(
    `Newest final frame: ${frame.stream} ${frame.sequence}, in the log of ${frame.unitId}, final in block ${frame.finalHeight}. GET ${path} gives its proof; "voltfog verify" or the ledger page checks it with nothing but the genesis file. Its commitment:`,
  );
  sheet.paragraph(frame.commitment);
}

function newestVersion(days: readonly HealthDay[]): readonly HealthDay[] {
  const newest = [...new Set(days.map(({ version }) => version))].sort(byNumber).at(-1);
  return days.filter(({ version }) => version === newest);
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function sum(days: readonly HealthDay[], pick: (day: HealthDay) => number): number {
  return days.reduce((all, day) => all + pick(day), 0);
}

function points(change: number): string {
  const text = Math.abs(change * 100).toFixed(2);
  if (Number(text) === 0) return text;
  return `${change < 0 ? "–" : "+"}${text}`;
}

function minute(time_ms: number): string {
  return new Date(time_ms).toISOString().slice(0, 16).replace("T", " ");
}
