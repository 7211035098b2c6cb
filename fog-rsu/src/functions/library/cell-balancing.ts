import { ChargeLedger } from "@voltfog/battery";
import type { Movable, SavedState, StateReader } from "@voltfog/runtime";
import type { CommandRequest, NetworkFunction, OpenCondition } from "../network-function.ts";
import { OneCondition } from "./one-condition.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { servedCell, servedPack } from "./served-pack.ts";
import { rateSetting } from "./settings.ts";
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
      version: "1.1.0",
      inputs: ["telemetry"],
      rate_Hz: 1,
      cpu: 0.05,
      memory_MB: 128,
      latencyClass: "bulk",
      cpuPerVehicle: 0.00005,
      memoryPerVehicle_MB: 0.007,
      settings: [
        rateSetting({ default: 1, min: 0.1, max: 1 }),
        {
          name: "imbalanceMin",
          default: imbalanceMin,
          min: 0.005,
          max: 0.05,
          unit: "",
          description:
            "share of capacity by which cells differ when the pack is said to be out of balance",
        },
      ],
    },
    start({ open, settingsOf }) {
      const vehicles = new PerVehicle((vehicleId) => {
        const known = open.filter((condition) => condition.vehicleId === vehicleId);
        return new BalancedVehicle({ open: known, transfer_A });
      });
      return {
        onSample(sample, findings) {
          const { vehicleId, cellVoltage_mV, monotonic_ms } = sample;
          const vehicle = vehicles.of(vehicleId);
          const { ledger, request } = vehicle.accountOf(cellVoltage_mV.length);
          const actions = ledger.update(sample);
          const { excess, sigma } = ledger.imbalance;
          const { cell, spread } = fullest(excess);
          const asked = requestOf(actions, { cell, spread, sigma });
          request.update(asked, { isStanding: asked.value > 0, sample, findings });
          const limit = settingsOf(vehicleId)["imbalanceMin"] ?? imbalanceMin;
          const condition = vehicle.condition.update(
            {
              level: spread > limit + 2 * sigma ? 1 : 0,
              cell,
              value: spread,
              limit,
              unit: "ratio",
              sentence: `cells of ${vehicleId} differ by ${percent(spread)} of capacity (σ ${percent(sigma)}), cell ${cell + 1} holds most`,
            },
            monotonic_ms,
          );
          if (condition !== undefined) findings.condition(condition);
        },
        stateOf: (vehicleId) => vehicles.stateOf(vehicleId),
        adopt: (vehicleId, state) => vehicles.adopt(vehicleId, state),
      };
    },
  };
}

interface Account {
  readonly cells: number;
  readonly ledger: ChargeLedger;
  readonly request: StandingRequest;
}

class BalancedVehicle implements Movable {
  readonly condition: OneCondition;
  readonly #transfer_A: number | undefined;
  #account: Account | undefined;

  constructor(options: { open: readonly OpenCondition[]; transfer_A: number | undefined }) {
    const place = { name: "imbalance", class: "cell-imbalance" } as const;
    this.condition = new OneCondition({ ...place, hold_ms, open: options.open });
    this.#transfer_A = options.transfer_A;
  }

  /** A pack of another size is another pack. */
  accountOf(cells: number): Account {
    if (this.#account?.cells !== cells) this.#account = newAccount(cells, this.#transfer_A);
    return this.#account;
  }

  save(): SavedState {
    const account = this.#account;
    return {
      condition: this.condition.save(),
      account:
        account === undefined
          ? null
          : {
              cells: account.cells,
              ledger: account.ledger.save(),
              request: account.request.save(),
            },
    };
  }

  restore(from: StateReader): void {
    this.condition.restore(from.object("condition"));
    const saved = from.maybeObject("account");
    if (saved !== undefined) {
      const account = this.accountOf(saved.whole("cells", { min: 0, max: 1024 }));
      account.ledger.restore(saved.object("ledger"));
      account.request.restore(saved.object("request"));
      saved.end();
    }
    from.end();
  }
}

/** The one that the unit runs: the served pack bleeds. */
export const networkFunction: NetworkFunction = cellBalancing({});

function newAccount(cells: number, transfer_A: number | undefined): Account {
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
