import type { PlugType } from "../api/shapes.ts";
import type { Position } from "./position.ts";

/** A number of the question: its name in the address, what the form shows, what is allowed. */
export interface NumberField {
  readonly key: NumberKey;
  readonly label: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly preset: number;
}

export type NumberKey = "soc" | "to" | "least" | "kw" | "capacity" | "range" | "power" | "hour";

/** Everything a driver asks with; all of it lives in the address. */
export interface Question {
  /** Undefined until the driver has said it: no place is assumed. */
  readonly position: Position | undefined;
  readonly numbers: Readonly<Record<NumberKey, number>>;
  readonly plugs: readonly PlugType[];
}

/** The presets are those of the server: a middling car of 2025 that charges at home or in the street. */
export const numberFields: readonly NumberField[] = [
  { key: "soc", label: "Charge now", unit: "%", min: 0, max: 100, step: 1, preset: 30 },
  { key: "to", label: "Charge to", unit: "%", min: 0, max: 100, step: 1, preset: 80 },
  { key: "least", label: "Least on arrival", unit: "%", min: 0, max: 100, step: 1, preset: 10 },
  { key: "kw", label: "Plug of at least", unit: "kW", min: 0, max: 1000, step: 1, preset: 0 },
  { key: "capacity", label: "Battery", unit: "kWh", min: 1, max: 1000, step: 1, preset: 60 },
  { key: "range", label: "Full range", unit: "km", min: 1, max: 2000, step: 5, preset: 350 },
  { key: "power", label: "Car takes", unit: "kW", min: 1, max: 1000, step: 1, preset: 11 },
  { key: "hour", label: "An hour is worth", unit: "€", min: 1, max: 1000, step: 1, preset: 20 },
];

export const plugNames: Readonly<Record<PlugType, string>> = {
  type2: "Type 2",
  ccs: "CCS",
  chademo: "CHAdeMO",
  schuko: "household",
  type3: "Type 3",
};

export const plugTypes = Object.keys(plugNames) as readonly PlugType[];

const presetPlugs: readonly PlugType[] = ["type2", "ccs"];
/** Of the ranked list. */
const chargersAsked = 20;

/** The question that an address holds, and a sentence for each part of it that cannot be used. */
export function readQuestion(query: URLSearchParams): {
  readonly question: Question;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const numbers = Object.fromEntries(
    numberFields.map((field) => [field.key, readNumber(query, field, problems)]),
  ) as Record<NumberKey, number>;
  if (numbers.to <= numbers.soc && problems.length === 0) {
    problems.push(
      `The car has ${numbers.soc} % and shall get ${numbers.to} %, so nothing would be charged.`,
    );
  }
  const position = readPosition(query, problems);
  const plugs = readPlugs(query, problems);
  return { question: { position, numbers, plugs }, problems };
}

/** The address's value of a number: nothing where it is the preset, so that links stay short. */
export function numberParameter(field: NumberField, text: string): string | undefined {
  const value = text.trim().replace(",", ".");
  return value === "" || Number(value) === field.preset ? undefined : value;
}

/** The address's value of the plug types; at least one stays chosen. */
export function plugsParameter(plugs: readonly PlugType[]): string | undefined {
  const text = plugTypes.filter((type) => plugs.includes(type)).join(",");
  return text === presetPlugs.join(",") || text === "" ? undefined : text;
}

/** The address's values of a position. */
export function positionParameters(position: Position | undefined): {
  readonly lat: string | undefined;
  readonly lon: string | undefined;
} {
  return { lat: position?.latitude.toFixed(4), lon: position?.longitude.toFixed(4) };
}

/** What POST /v1/recommendations takes, as JSON; undefined while the position is not known. */
export function requestBody({ position, numbers, plugs }: Question): string | undefined {
  if (position === undefined) return undefined;
  return JSON.stringify({
    ...position,
    soc: numbers.soc / 100,
    targetSoc: numbers.to / 100,
    arrivalSocMin: numbers.least / 100,
    capacity_kWh: numbers.capacity,
    range_km: numbers.range,
    power_kW: numbers.power,
    plugs,
    powerMin_kW: numbers.kw,
    hour_EUR: numbers.hour,
    limit: chargersAsked,
  });
}

function readNumber(query: URLSearchParams, field: NumberField, problems: string[]): number {
  const text = query.get(field.key);
  if (text === null) return field.preset;
  const value = decimal(text);
  if (value !== undefined && value >= field.min && value <= field.max) return value;
  const range = `from ${field.min} to ${field.max} ${field.unit}`;
  problems.push(
    `“${field.label}” must be a number ${range}, not “${shortened(text)}”; ${field.preset} is used.`,
  );
  return field.preset;
}

function readPosition(query: URLSearchParams, problems: string[]): Position | undefined {
  const [latitudeText, longitudeText] = [query.get("lat"), query.get("lon")];
  if (latitudeText === null && longitudeText === null) return undefined;
  const latitude = decimal(latitudeText ?? "");
  const longitude = decimal(longitudeText ?? "");
  if (latitude === undefined || Math.abs(latitude) > 90)
    problems.push(`Latitude must be a number from -90 to 90, not “${shortened(latitudeText)}”.`);
  else if (longitude === undefined || Math.abs(longitude) > 180)
    problems.push(
      `Longitude must be a number from -180 to 180, not “${shortened(longitudeText)}”.`,
    );
  else return { latitude, longitude };
  return undefined;
}

function readPlugs(query: URLSearchParams, problems: string[]): readonly PlugType[] {
  const text = query.get("plugs");
  if (text === null) return presetPlugs;
  const asked = text.split(",");
  const plugs = plugTypes.filter((type) => asked.includes(type));
  if (plugs.length === asked.length) return plugs;
  problems.push(`No plug type is called “${shortened(text)}”: they are ${plugTypes.join(", ")}.`);
  return plugs.length === 0 ? presetPlugs : plugs;
}

/** No exponents, no Infinity, no empty text, which Number() would take. */
function decimal(text: string): number | undefined {
  return /^-?\d{1,9}(\.\d{1,12})?$/.test(text) ? Number(text) : undefined;
}

function shortened(text: string | null): string {
  return text === null ? "" : text.slice(0, 24);
}
