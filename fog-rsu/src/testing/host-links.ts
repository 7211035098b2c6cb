import type { FunctionHostOptions } from "../functions/function-host.ts";

/** What a function host of a test hangs on where nothing is to come of it. */
export const noLinks: Pick<FunctionHostOptions, "unitId" | "peers" | "conditions" | "changes"> = {
  unitId: "unit-1",
  peers: { states: async () => undefined, use: () => undefined },
  conditions: { openConditions: () => [], standingOf: () => [], adopt: () => true },
  changes: {
    assigned: () => undefined,
    seen: () => undefined,
    tookOver: () => undefined,
    versionChanged: () => undefined,
  },
};
