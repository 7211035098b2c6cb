import { identifierPattern } from "@voltfog/runtime";
import { complaint } from "./complaint.ts";

const unit_ms: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of "500ms", "60s", "2m", "1h" or "30d". */
export function parseDuration_ms(options: { flag: string; text: string }): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(options.text);
  const factor = unit_ms[match?.[2] ?? ""];
  const value_ms = Number(match?.[1]) * (factor ?? Number.NaN);
  if (Number.isFinite(value_ms) && value_ms > 0) return Math.round(value_ms);
  throw complaint({
    code: "DURATION_INVALID",
    what: `${options.flag} ${JSON.stringify(options.text)} is no duration`,
    remedy: "write a number with ms, s, m, h or d, such as 60s",
  });
}

/** An identifier, from a flag: lower-case letters, digits and hyphens, at most 32. */
export function parseIdentifier(options: { code: string; text: string }): string {
  if (identifierPattern.test(options.text)) return options.text;
  throw complaint({
    code: options.code,
    what: `${JSON.stringify(options.text)} is no identifier`,
    remedy: "use lower-case letters, digits and hyphens, at most 32",
  });
}

/** A whole number in a range, from a flag. */
export function parseWhole(options: {
  flag: string;
  text: string;
  min: number;
  max: number;
}): number {
  const value = /^\d+$/.test(options.text) ? Number(options.text) : Number.NaN;
  if (value >= options.min && value <= options.max) return value;
  throw complaint({
    code: "NUMBER_INVALID",
    what: `${options.flag} is ${JSON.stringify(options.text)}`,
    remedy: `give a whole number from ${options.min} to ${options.max}`,
  });
}

/** A number in a range, from a flag. */
export function parseNumber(options: {
  flag: string;
  text: string;
  min: number;
  max: number;
}): number {
  const value = options.text.trim() === "" ? Number.NaN : Number(options.text);
  if (value >= options.min && value <= options.max) return value;
  throw complaint({
    code: "NUMBER_INVALID",
    what: `${options.flag} is ${JSON.stringify(options.text)}`,
    remedy: `give a number from ${options.min} to ${options.max}`,
  });
}

/** Kilowatts of "50kW", "3.6 kW" or "2300W". */
export function parsePower_kW(options: { flag: string; text: string }): number {
  const match = /^(\d+(?:\.\d+)?)\s*(kW|W)$/i.exec(options.text);
  const power_kW = Number(match?.[1]) * (match?.[2]?.toLowerCase() === "w" ? 0.001 : 1);
  if (power_kW >= 0.1 && power_kW <= 2000) return power_kW;
  throw complaint({
    code: "POWER_INVALID",
    what: `${options.flag} is ${JSON.stringify(options.text)}`,
    remedy: "give a power from 100W to 2000kW, such as 50kW",
  });
}
