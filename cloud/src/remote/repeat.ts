import { type Clock, CodedError, type Logger, messageOf } from "@voltfog/runtime";

/** What a step found: more may wait already, or come back after a pause. */
export type StepVerdict = { readonly pause_ms: number };

export const again: StepVerdict = { pause_ms: 0 };

const backoffMin_ms = 100;
const backoffMax_ms = 5000;

/**
 * Runs a step over and over until told to stop. A step that throws is tried again, a little later
 * each time; the first failure of a row is logged, so that a dead neighbour does not fill the log.
 */
export async function repeat(options: {
  name: string;
  step: () => Promise<StepVerdict>;
  signal: AbortSignal;
  clock: Clock;
  logger: Logger;
}): Promise<void> {
  const { clock, signal, logger, name } = options;
  let failures = 0;
  while (!signal.aborted) {
    let pause_ms = 0;
    try {
      pause_ms = (await options.step()).pause_ms;
      if (failures > 0) logger.info("works again", { stage: name, failures });
      failures = 0;
    } catch (thrown) {
      if (failures === 0 && !signal.aborted) sayFailed({ logger, name, thrown });
      pause_ms = Math.min(backoffMax_ms, backoffMin_ms * 2 ** Math.min(failures, 10));
      failures++;
    }
    if (pause_ms > 0) await pause({ clock, signal, pause_ms });
  }
}

/** A neighbour that is down is nobody's fault; anything else deserves a look. */
function sayFailed(options: { logger: Logger; name: string; thrown: unknown }): void {
  const { logger, name, thrown } = options;
  const code = thrown instanceof CodedError ? thrown.code : "UNEXPECTED";
  const fields = { stage: name, code, reason: messageOf(thrown) };
  if (code === "UNREACHABLE") logger.info("failed, tries again", fields);
  else logger.warn("failed, tries again", fields);
}

export function pause(options: {
  clock: Clock;
  signal: AbortSignal;
  pause_ms: number;
}): Promise<void> {
  return new Promise((resolve) => {
    if (options.signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      cancel();
      options.signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = options.clock.after(options.pause_ms, done);
    options.signal.addEventListener("abort", done);
  });
}
