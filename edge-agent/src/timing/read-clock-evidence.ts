import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import type { ClockEvidence } from "./clock-quality.ts";

const timesyncMark = "/run/systemd/timesync/synchronized";
const answer_ms = 2000;
const answerMax_bytes = 4096;

/** Asks chronyd, and looks at the mark of systemd-timesyncd. Never rejects: no answer is an answer. */
export async function readClockEvidence(
  places: { chronyc?: string; mark?: string } = {},
): Promise<ClockEvidence> {
  const { chronyc = "chronyc", mark = timesyncMark } = places;
  const [chronyTracking, timesyncTouched_ms] = await Promise.all([
    askChrony(chronyc),
    stat(mark).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    ),
  ]);
  return { chronyTracking, timesyncTouched_ms };
}

/** Undefined where there is no chronyc, and where it reaches no chronyd. */
function askChrony(chronyc: string): Promise<string | undefined> {
  const limits = { timeout: answer_ms, maxBuffer: answerMax_bytes };
  return new Promise((resolve) => {
    execFile(chronyc, ["-c", "-n", "tracking"], limits, (failed, stdout) => {
      resolve(failed === null ? stdout : undefined);
    });
  });
}
