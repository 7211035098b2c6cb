import type { HostedFunction } from "./function-host.ts";
import { networkFunction as chargeGuard } from "./library/charge-guard.ts";
import { networkFunction as stateEstimation } from "./library/state-estimation.ts";
import { networkFunction as thermalAlert } from "./library/thermal-alert.ts";
import { libraryModule } from "./worker-thread.ts";

/** The functions that come with the unit. */
export const builtInFunctions: readonly HostedFunction[] = [
  stateEstimation,
  thermalAlert,
  chargeGuard,
].map(({ manifest }) => ({ manifest, module: libraryModule(manifest.id) }));
