import { systemClock } from "@voltfog/runtime/node";

export function pause(delay_ms: number): Promise<undefined> {
  return new Promise((resolve) => systemClock.after(delay_ms, () => resolve(undefined)));
}
