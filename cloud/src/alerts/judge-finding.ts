import type { Alert, AlertFinding, AlertNews } from "./alert.ts";

/** A condition that comes back so soon was never away: it stays one alert, and nobody is told again. */
export const returns_ms = 600_000;

export interface Judgement {
  readonly alert: Omit<Alert, "id">;
  /** undefined: nobody needs to be told. */
  readonly news: AlertNews | undefined;
}

/**
 * What a finding makes of the newest alert of its key: a new one, the same one counted on, worse, back or
 * closed; undefined where it says nothing new. Pure; the caller stores the result.
 */
export function judgeFinding(
  known: Alert | undefined,
  finding: AlertFinding,
  now_ms: number,
): Judgement | undefined {
  if (known !== undefined && finding.at_ms < known.last_ms) return undefined; // Late news of before.
  if (finding.level === 0) return over(known, finding, now_ms);
  if (known === undefined) return raised(finding, now_ms);
  if (known.state !== "closed") return again(known, finding, now_ms);
  const isBack = now_ms - (known.closed_ms ?? 0) < returns_ms;
  return isBack ? back(known, finding, now_ms) : raised(finding, now_ms);
}

function raised(finding: AlertFinding, now_ms: number): Judgement {
  const { at_ms, ...rest } = finding;
  const nobody = { escalated_ms: null, acknowledged_ms: null, acknowledgedBy: null, note: null };
  const times = { first_ms: at_ms, last_ms: at_ms, opened_ms: now_ms, times: 1, closed_ms: null };
  return { alert: { ...rest, state: "open", ...times, ...nobody }, news: "raised" };
}

function again(known: Alert, finding: AlertFinding, now_ms: number): Judgement {
  const counted = { ...known, last_ms: finding.at_ms, times: known.times + 1 };
  if (finding.level <= known.level) return { alert: counted, news: undefined };
  return { alert: { ...counted, ...worse(finding, now_ms) }, news: "worse" };
}

/** Who acknowledged the lower level has not seen this one. */
function worse(finding: AlertFinding, now_ms: number): Partial<Alert> {
  const { level, value, limit, unit, sentence, cause } = finding;
  const told = { level, value, limit, unit, sentence, cause };
  const nobody = { escalated_ms: null, acknowledged_ms: null, acknowledgedBy: null };
  return { ...told, ...nobody, state: "open", opened_ms: now_ms };
}

function back(known: Alert, finding: AlertFinding, now_ms: number): Judgement {
  const state = known.acknowledged_ms === null ? "open" : "acknowledged";
  return again({ ...known, state, closed_ms: null }, finding, now_ms);
}

function over(
  known: Alert | undefined,
  finding: AlertFinding,
  now_ms: number,
): Judgement | undefined {
  if (known === undefined || known.state === "closed") return undefined;
  const alert: Alert = { ...known, state: "closed", last_ms: finding.at_ms, closed_ms: now_ms };
  return { alert, news: "closed" };
}
