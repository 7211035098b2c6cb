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
