import { ChargeLedger } from "@voltfog/battery";
import type { CommandRequest, NetworkFunction } from "../network-function.ts";
import { OneCondition } from "./one-condition.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { servedCell, servedPack } from "./served-pack.ts";
import { StandingRequest } from "./standing-request.ts";

/** σ of a cell reading, as the sensors of the served pack have it. */
const noise_mV = 1.5;
/** Of the resistor that a cell is bled through. */
const bleed_Ohm = 41;
/** The pack is said to be out of balance from here, and again in balance under half of it. */
const imbalanceMin = 0.01;
const hold_ms = 600_000;

/** How the pack moves charge: passive packs bleed, active ones also give a cell this current. */
export interface Balancing {
  readonly transfer_A?: number;
}

interface Vehicle {
  readonly cells: number;
  readonly ledger: ChargeLedger;
  readonly request: StandingRequest;
}

/**
 * Keeps an account of the charge that each cell holds beyond the others and asks the vehicle to bleed (or,
 * with converters, to move) it; the vehicle acts or refuses. The account books what was asked: a pack that
 * refuses is taken for one that obeys until its next rest shows the voltages.
 */
export function cellBalancing(balancing: Balancing): NetworkFunction {
  const { transfer_A } = balancing;
  return {
    manifest: {
      id: "cell-balancing",
      version: "1.0.0",
      inputs: ["telemetry"],
      rate_Hz: 1,
      cpu: 0.05,
      memory_MB: 128,
      latencyClass: "bulk",
    },
    start({ open }) {
      const conditions = new PerVehicle(
        (vehicleId) =>
          new OneCondition({
            name: "imbalance",
            class: "cell-imbalance",
            hold_ms,
            open: open.filter((condition) => condition.vehicleId === vehicleId),
          }),
      );
      const vehicles = new Map<string, Vehicle>();
      const vehicleOf = (vehicleId: string, cells: number): Vehicle => {
        const known = vehicles.get(vehicleId);
        if (known?.cells === cells) return known;
        const made = newVehicle(cells, transfer_A);
        vehicles.set(vehicleId, made);
        return made;
      };
      return {
        onSample(sample, findings) {
          const { vehicleId, cellVoltage_mV, monotonic_ms } = sample;
          const { ledger, request } = vehicleOf(vehicleId, cellVoltage_mV.length);
          const actions = ledger.update(sample);
          const { excess, sigma } = ledger.imbalance;
          const { cell, spread } = fullest(excess);
          const asked = requestOf(actions, { cell, spread, sigma });
          request.update(asked, { isStanding: asked.value > 0, sample, findings });
          const condition = conditions.of(vehicleId).update(
            {
              level: spread > imbalanceMin + 2 * sigma ? 1 : 0,
              cell,
              value: spread,
              limit: imbalanceMin,
              unit: "ratio",
              sentence: `cells of ${vehicleId} differ by ${percent(spread)} of capacity (σ ${percent(sigma)}), cell ${cell + 1} holds most`,
            },
            monotonic_ms,
          );
          if (condition !== undefined) findings.condition(condition);
        },
      };
    },
  };
}

/** The one that the unit runs: the served pack bleeds. */
export const networkFunction: NetworkFunction = cellBalancing({});

function newVehicle(cells: number, transfer_A: number | undefined): Vehicle {
  const ledger = new ChargeLedger({
    cells,
    capacity_Ah: servedPack.capacity_Ah,
    ocv_V: servedCell.ocv_V,
    noise_mV,
    bleed_Ohm,
    ...(transfer_A === undefined ? {} : { transfer_A }),
  });
  return { cells, ledger, request: new StandingRequest() };
}

function fullest(excess: Float64Array): { cell: number; spread: number } {
  let [cell, least] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i < excess.length; i++) {
    if ((excess[i] ?? 0) > (excess[cell] ?? 0)) cell = i;
    least = Math.min(least, excess[i] ?? 0);
  }
  return { cell, spread: excess.length === 0 ? 0 : (excess[cell] ?? 0) - least };
}

function requestOf(
  actions: Int8Array,
  { cell, spread, sigma }: { cell: number; spread: number; sigma: number },
): CommandRequest {
  const cells = { bleed: placesOf(actions, -1), fill: placesOf(actions, 1) };
  const value = cells.bleed.length + cells.fill.length;
  const kind = "balance-cells";
  if (value === 0) return { kind, value, cells, because: "no cell stands out any more" };
  const because = `cells differ by ${percent(spread)} of capacity (σ ${percent(sigma)}), cell ${cell + 1} holds most`;
  return { kind, value, cells, because };
}

function placesOf(actions: Int8Array, action: number): readonly number[] {
  const places: number[] = [];
  for (let i = 0; i < actions.length; i++) if (actions[i] === action) places.push(i);
  return places;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
