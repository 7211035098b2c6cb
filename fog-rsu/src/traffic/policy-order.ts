import { parseAddressRange } from "@voltfog/messages";
import { accepted, identifierPattern, type Outcome, type Problem, refused } from "@voltfog/runtime";

/** What an operator ordered about who is kept out, on its way to the unit that journals it. */
export interface PolicyOrder {
  /** The same however often it is sent: 1 to 48 of a–z, 0–9 and hyphen. */
  readonly id: string;
  readonly at_ms: number;
  /** The id in the certificate of whoever ordered it. */
  readonly who: string;
  readonly action: (typeof actions)[number];
  /** A vehicle, or an address or range. */
  readonly subject: string;
  readonly why: string;
}

export interface OrderInvalid extends Problem {
  readonly code: "ORDER_INVALID";
  readonly detail: string;
}

const actions = ["quarantine", "release", "deny", "allow"] as const;
const idPattern = /^[a-z0-9-]{1,48}$/;
const whoMax = 64;
const whyMax = 200;

type Check = (value: unknown) => boolean;

const text =
  (max: number): Check =>
  (value) =>
    typeof value === "string" && value.length > 0 && value.length <= max;

const checks: Readonly<Record<keyof PolicyOrder, Check>> = {
  id: (value) => typeof value === "string" && idPattern.test(value),
  at_ms: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  who: text(whoMax),
  action: (value) => actions.some((action) => action === value),
  subject: (value) =>
    typeof value === "string" && (identifierPattern.test(value) || parseAddressRange(value).ok),
  why: text(whyMax),
};

/** The order in a value that came as JSON. Strict: ORDER_INVALID names the first field that is wrong. */
export function readPolicyOrder(value: unknown): Outcome<PolicyOrder, OrderInvalid> {
  const fields = typeof value === "object" && value !== null ? value : {};
  const unknown = Object.keys(fields).find((key) => !Object.hasOwn(checks, key));
  const wrong = Object.entries(checks).find(
    ([key, holds]) => !holds((fields as Readonly<Record<string, unknown>>)[key]),
  );
  const field = unknown?.slice(0, 64) ?? wrong?.[0];
  if (field === undefined) return accepted(value as PolicyOrder);
  return refused({ code: "ORDER_INVALID", detail: `order: ${field} is not as it must be` });
}
