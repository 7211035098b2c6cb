import type { ChainField } from "@voltfog/messages";
import { toHex } from "@voltfog/runtime";
import { amountInWords } from "../market/words.ts";

const fieldsMax = 400;

/** Names of what is money, in millionths. */
const money: ReadonlySet<string> = new Set([
  ...["amount", "limitAmount", "maxCost", "cost", "margin", "funds", "deposit", "depositMin"],
  ...["reserve", "locked", "refund", "paid", "unpaid", "held", "shortfall", "returned"],
  ...["energyCost", "fee", "refunded", "toPlatform", "baselineCost", "rewardPerBlock"],
  ...["sessionFee", "consumerTravelCost", "providerTravelCost", "unitCost", "unitProfit"],
]);

const units: Readonly<Record<string, string>> = {
  ...{ Wh: "Wh", W: "W", m: "m", min: "min of the UTC day" },
};

/**
 * A decoded record field by field, whatever it is: names as words with what they stand in before them, bytes
 * in hex, times as times, energy and money with their units. Total; at most 400 fields.
 */
export function recordFields(record: unknown): readonly ChainField[] {
  const fields: ChainField[] = [];
  collect({ record, path: [], fields });
  return fields;
}

function collect(at: { record: unknown; path: readonly string[]; fields: ChainField[] }): void {
  const { record, path, fields } = at;
  if (record === undefined || fields.length >= fieldsMax) return;
  const isBranch = typeof record === "object" && record !== null && !(record instanceof Uint8Array);
  if (!isBranch) {
    fields.push(leaf(path, record));
    return;
  }
  if (isPlace(record)) {
    fields.push({ name: path.map(inWords).join(" "), value: placeInWords(record), kind: "text" });
    return;
  }
  const isList = Array.isArray(record);
  for (const [name, value] of Object.entries(record)) {
    collect({ record: value, path: [...path, isList ? String(Number(name) + 1) : name], fields });
  }
}

type Place = { readonly kind: unknown; readonly east: number; readonly north: number };

function isPlace(record: object): record is Place {
  const { east, north } = record as Partial<Place>;
  return typeof east === "number" && typeof north === "number";
}

/** Whole micro-degrees on the earth, millimetres on a plane. */
function placeInWords({ kind, east, north }: Place): string {
  return kind === "earth"
    ? `${north / 1_000_000}°, ${east / 1_000_000}°`
    : `${east / 1000} m, ${north / 1000} m`;
}

function leaf(path: readonly string[], value: unknown): ChainField {
  const last = path.at(-1) ?? "value";
  if (path.length === 0 && value instanceof Uint8Array) {
    return { name: "key or id", value: toHex(value), kind: "hex" };
  }
  const [, stem = last, unit = ""] = /^(.*)_([A-Za-z]+)$/.exec(last) ?? [];
  const before = path.slice(0, -1).map(inWords);
  const name = [...before, inWords(stem)].join(" ");
  if (value instanceof Uint8Array) return { name, value: toHex(value), kind: "hex" };
  if (typeof value !== "number") return { name, value: String(value), kind: kindOf(last) };
  if (unit === "ms" && !/life/i.test(stem)) return { name, value: String(value), kind: "time" };
  return { name, value: numberInWords({ last, unit, value }), kind: "text" };
}

function numberInWords({
  last,
  unit,
  value,
}: {
  last: string;
  unit: string;
  value: number;
}): string {
  if (/PerKWh$/.test(last)) return `${amountInWords(value)} per kWh`;
  if (money.has(last)) return amountInWords(value);
  if (last === "latitude" || last === "longitude") return `${value / 1_000_000}°`;
  if (/Ppm$/.test(last)) return `${value / 10_000} %`;
  return unit === "" ? String(value) : `${value} ${units[unit] ?? unit}`;
}

function kindOf(name: string): ChainField["kind"] {
  return name === "organisation" || name === "beansOf" ? "organisation" : "text";
}

/** "pricePerKWh" as "price per kWh", "receiptHash" as "receipt hash". */
function inWords(name: string): string {
  return name
    .replace(/Ppm$/, "")
    .replace(/KWh/g, " kWh")
    .replace(
      /((?<! )[a-z])([A-Z])/g,
      (_all, left: string, right: string) => `${left} ${right.toLowerCase()}`,
    )
    .replace(/_/g, " ")
    .replace(/ {2,}/g, " ");
}
