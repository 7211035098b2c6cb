import type { Clock } from "@voltfog/runtime";
import type { UpFile } from "../supervisor/up-file.ts";
import type { Findings } from "./verdict.ts";

const watch_ms = 500;
/** A wall clock that is slewed gently moves by at most half a millisecond a second. */
const jumpWarn_ms = 20;
/** Older than the program itself. */
const earliest_ms: number = Date.UTC(2025, 0, 1);
/** A block's time may be this far ahead of a voter's clock (docs/specs/chain.md §6). */
const skewFail_ms = 2000;
/** An HTTP date is cut to the second. */
const dateStep_ms = 1000;
const answerLimit_ms = 3000;

/** The wall clock against the monotonic one, and against times that have certainly passed. */
export async function checkClock(
  findings: Findings,
  options: { clock: Clock; passed: readonly { what: string; at_ms: number }[] },
): Promise<void> {
  const { clock } = options;
  const setIt = "set the clock and keep it with NTP, such as systemd-timesyncd or chrony";
  const before = { wall_ms: clock.wall_ms(), monotonic_ms: clock.monotonic_ms() };
  await new Promise<void>((resolve) => clock.after(watch_ms, resolve));
  const jump_ms = clock.wall_ms() - before.wall_ms - (clock.monotonic_ms() - before.monotonic_ms);
  const now_ms = clock.wall_ms();
  const passed = [{ what: "this program was made", at_ms: earliest_ms }, ...options.passed];
  const later = passed.filter(({ at_ms }) => at_ms > now_ms);
  for (const { what, at_ms } of later) {
    findings.fail(`the clock says ${iso(now_ms)}, but ${what} at ${iso(at_ms)}`, setIt);
  }
  if (Math.abs(jump_ms) > jumpWarn_ms) {
    findings.warn(`the wall clock moved by ${jump_ms.toFixed(0)} ms within ${watch_ms} ms`, setIt);
  } else if (later.length === 0) {
    findings.ok(`the wall clock runs evenly and says ${iso(now_ms)}`);
  }
}

/** The clocks of the site's processes against ours, to the second that their answers are dated with. */
export async function checkSkew(
  findings: Findings,
  options: { clock: Clock; up: UpFile },
): Promise<void> {
  const { clock, up } = options;
  let compared = 0;
  for (const { id, ports } of up.processes) {
    const skew_ms = await skewOf(`http://127.0.0.1:${ports.http}/health`, clock);
    if (skew_ms === undefined) continue; // That it does not answer is another check's finding.
    compared++;
    if (skew_ms <= skewFail_ms) continue;
    const what = `the clock of ${id} is off by about ${(skew_ms / 1000).toFixed(1)} s`;
    findings.fail(what, "set the clocks of all machines by the same NTP servers");
  }
  if (compared > 0) findings.ok(`clocks of ${compared} processes compared`);
}

/** How far the other clock is off at least; 0 where the answer may be right. */
async function skewOf(url: string, clock: Clock): Promise<number | undefined> {
  try {
    const sent_ms = clock.wall_ms();
    const answer = await fetch(url, { signal: AbortSignal.timeout(answerLimit_ms) });
    const got_ms = clock.wall_ms();
    const date_ms = Date.parse(answer.headers.get("date") ?? "");
    await answer.arrayBuffer();
    if (Number.isNaN(date_ms)) return undefined;
    const behind_ms = sent_ms - (date_ms + dateStep_ms);
    const ahead_ms = date_ms - got_ms;
    return Math.max(0, behind_ms, ahead_ms);
  } catch {
    return undefined;
  }
}

function iso(at_ms: number): string {
  return new Date(at_ms).toISOString();
}
