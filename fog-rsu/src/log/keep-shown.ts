import type { Clock } from "@voltfog/runtime";
import type { EventRegister } from "../events/event-register.ts";
import type { UnitLog } from "./unit-log.ts";

const interval_ms = 30_000;

/**
 * Notes now and then how far the functions have seen the log. What was shown counts only an interval
 * later: until then its findings may still be on their way. Returns what ends it.
 */
export function keepShown(options: {
  log: UnitLog;
  events: EventRegister;
  clock: Clock;
}): () => Promise<void> {
  let shown = 0;
  let cancel = (): void => {};
  const note = (): void => {
    options.events.noteShown(shown);
    shown = options.log.view.size;
    cancel = options.clock.after(interval_ms, note);
  };
  note();
  return async () => cancel();
}
