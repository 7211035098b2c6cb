import type { HostedFunction } from "./function-slot.ts";
import { networkFunction as cellBalancing } from "./library/cell-balancing.ts";
import { networkFunction as chargeGuard } from "./library/charge-guard.ts";
import { networkFunction as chargingControl } from "./library/charging-control.ts";
import { networkFunction as stateEstimation } from "./library/state-estimation.ts";
import { networkFunction as temperatureRegulation } from "./library/temperature-regulation.ts";
import { networkFunction as thermalAlert } from "./library/thermal-alert.ts";
import type { NetworkFunction } from "./network-function.ts";
import { libraryModule } from "./worker-thread.ts";

/** The functions that come with the unit, alerts first. */
export const library: readonly NetworkFunction[] = [
  thermalAlert,
  chargeGuard,
  stateEstimation,
  chargingControl,
  temperatureRegulation,
  cellBalancing,
];

/** The same, as the unit hosts them. */
export const builtInFunctions: readonly HostedFunction[] = library.map(({ manifest }) => ({
  manifest,
  module: libraryModule(manifest.id),
}));
