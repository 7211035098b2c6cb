import type { BatteryCluster } from "./battery-cluster.ts";
import { type EnergyModel, energy_J, recordsUntilEmpty, statedBattery_Wh } from "./energy-model.ts";
import { type LoadStep, workOf } from "./load-step.ts";

/** What a node that lives on a battery takes for a record, and how many the battery lasts for. */
export interface PoweredNode {
  /** Of this node alone. */
  readonly energyPerRecord_mJ: number;
  /** Drawn by the work alone, as if idling cost nothing. */
  readonly untilEmpty: number;
  /** With what the board draws besides, at the load's rate. */
  readonly untilEmptyIdling: number;
}

/** Neither the observer nor the first leader. */
const poweredPlace = 1;
const after_ms = 3500;

/** From one node's own processor time and bytes under a load; undefined where no record became final. */
export function poweredNode(step: LoadStep, model: EnergyModel): PoweredNode | undefined {
  const own = step.works[poweredPlace];
  if (own === undefined || step.records === 0) return undefined;
  // It receives a like share of what the others send.
  const received_bytes = (workOf(step).sent_bytes - own.sent_bytes) / (step.works.length - 1);
  const spent_J = energy_J(
    { cpu_ms: own.cpu_ms, traffic_bytes: own.sent_bytes + received_bytes },
    model,
  );
  const { records, for_ms } = step;
  const drain = { spent_J, records, battery_Wh: statedBattery_Wh, for_ms };
  return {
    energyPerRecord_mJ: (1000 * spent_J) / records,
    untilEmpty: recordsUntilEmpty({ ...drain, idle_W: 0 }),
    untilEmptyIdling: recordsUntilEmpty({ ...drain, idle_W: model.idle_W }),
  };
}

/** The node's battery is empty: signal 9. Gives the blocks that became final among the others soon after. */
export async function leaveWithoutCharge(cluster: BatteryCluster): Promise<number> {
  cluster.kill(poweredPlace);
  await cluster.collect();
  const load = { rate_Hz: 20, for_ms: after_ms };
  await cluster.sign(load);
  await cluster.send(load);
  await cluster.wait(after_ms);
  const { changes } = await cluster.collect();
  return changes.filter(({ change }) => change === "final").length;
}
