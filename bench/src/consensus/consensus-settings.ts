import { CodedError } from "@voltfog/runtime";
import type { Link } from "./delayed-transport.ts";

/** What the flags of `voltfog bench consensus` say. */
export interface ConsensusSettings {
  /** Validators, ascending; the last is the headline. */
  readonly sizes: readonly number[];
  readonly link: Link;
  readonly blockInterval_ms: number;
}

export const consensusFlags = [
  { name: "engine", value: "name", description: "poa", fallback: "poa" },
  {
    name: "n",
    value: "list",
    description: "numbers of validators, 4 to 31; the rows are of the highest",
    fallback: "4,7,10,20",
  },
  {
    name: "link",
    value: "ms",
    description: "delay of every message between validators, such as 5±2 or 5+-2",
    fallback: "5±2",
  },
  { name: "T", value: "s", description: "block interval, 0.1 to 5", fallback: "0.4" },
] as const;

/** FLAG_INVALID names the flag that does not read. */
export function parseSettings(flags: Readonly<Record<string, string>>): ConsensusSettings {
  if ((flags["engine"] ?? "poa") !== "poa") throw invalid("--engine", "is poa");
  const sizes = (flags["n"] ?? "").split(",").map(Number);
  if (!sizes.every((n) => Number.isInteger(n) && n >= 4 && n <= 31)) {
    throw invalid("--n", "is a list of whole numbers from 4 to 31, such as 4,7,10,20");
  }
  const blockInterval_ms = Math.round(1000 * Number(flags["T"]));
  if (!(blockInterval_ms >= 100 && blockInterval_ms <= 5000)) {
    throw invalid("--T", "is a number of seconds from 0.1 to 5");
  }
  const unique = [...new Set(sizes)].sort((a, b) => a - b);
  return { sizes: unique, link: parseLink(flags["link"] ?? ""), blockInterval_ms };
}

function parseLink(text: string): Link {
  const match = /^(\d{1,4}(?:\.\d{1,2})?)(?:(?:±|\+-)(\d{1,4}(?:\.\d{1,2})?))?$/.exec(text);
  const [mean_ms, jitter_ms] = [Number(match?.[1] ?? Number.NaN), Number(match?.[2] ?? 0)];
  if (mean_ms <= 1000 && jitter_ms <= mean_ms) return { mean_ms, jitter_ms };
  throw invalid("--link", "is milliseconds up to 1000, with or without ± up to as many");
}

function invalid(flag: string, rule: string): CodedError {
  return new CodedError({
    code: "FLAG_INVALID",
    message: `${flag} does not read`,
    remedy: `${flag} ${rule}`,
  });
}
