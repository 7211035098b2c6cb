import { join } from "node:path";
import { type DailyIndicators, historyVehicle, indicatorsOf } from "@voltfog/battery";
import type { Clock } from "@voltfog/runtime";
import { openSideDatabase } from "../store/side-database.ts";
import { IndicatorStore, type IssuedDay } from "./indicator-store.ts";
import { maintenanceTables } from "./maintenance-tables.ts";
import type { PackSetting } from "./pack-settings.ts";

export interface HistoryLoad {
  /** Data folder of a cloud that does not run. */
  readonly dataDir: string;
  readonly seed: number;
  readonly vehicles: number;
  readonly days: number;
  readonly clock: Clock;
  /** Called after each vehicle that is there; an abort ends between two of them. */
  readonly onVehicle: (done: number) => void;
  readonly signal: AbortSignal;
}

/** Days that an older version of the estimator told first: the newer one issued them again beside. */
const oldVersion_d = 365;
const memoryMax_bytes = 268_435_456;

/**
 * Puts the figures of a simulated fleet's history into the tables of a cloud that does not run: labelled
 * simulated, without a record behind them. A vehicle that is there already is passed over, so a load that was
 * interrupted goes on. Gives how many vehicles are there. STORE_UNREADABLE where the cloud runs.
 */
export async function loadFleetHistory(load: HistoryLoad): Promise<number> {
  const path = join(load.dataDir, "maintenance.duckdb");
  const tables = maintenanceTables;
  const { clock } = load;
  const database = await openSideDatabase({ path, tables, memoryMax_bytes, clock });
  const indicators = new IndicatorStore(database);
  const source = `fleet-history seed ${load.seed} days ${load.days}`;
  try {
    const loaded = await indicators.loaded(source);
    let done = 0;
    for (let index = 0; index < load.vehicles && !load.signal.aborted; index++) {
      const vehicle = historyVehicle(load, index);
      if (!loaded.has(vehicle.id)) {
        const { pack, id: vehicleId } = vehicle;
        await indicators.load({
          ...{ source, vehicleId, pack: settingOf(pack) },
          issued: issuedOf(load, index),
        });
      }
      done += 1;
      load.onVehicle(done);
    }
    return done;
  } finally {
    await database.close();
  }
}

function settingOf(pack: ReturnType<typeof historyVehicle>["pack"]): PackSetting {
  const { cells, capacity_Ah, firstUse_ms, fullCyclesBefore, distanceBefore_km } = pack;
  const { distancePerEnergy_km } = pack;
  return {
    ...{ preset: "nmc96", cells, capacity_Ah, fullCyclesBefore, distanceBefore_km },
    firstUse: new Date(firstUse_ms).toISOString().slice(0, 10),
    ...(distancePerEnergy_km === undefined ? {} : { distancePerEnergy_km }),
  };
}

function issuedOf(
  load: HistoryLoad,
  index: number,
): readonly { readonly row: Omit<IssuedDay, "figures">; readonly day: DailyIndicators }[] {
  const { id: vehicleId, pack, days } = historyVehicle(load, index);
  const histories = { "1": [] as DailyIndicators[], "2": [] as DailyIndicators[] };
  const issued: { row: Omit<IssuedDay, "figures">; day: DailyIndicators }[] = [];
  for (const { readings, day: number } of days()) {
    for (const version of ["1", "2"] as const) {
      if (version === "1" && number >= oldVersion_d) continue;
      const history = histories[version];
      const day = indicatorsOf(readings, history, pack, { version });
      history.push(day);
      const { samples } = day;
      const issued_ms = Date.parse(day.day) + 86_400_000;
      const known = { origin: "simulated", finality: "none" } as const;
      issued.push({ row: { vehicleId, issued_ms, ...known, samples }, day });
    }
  }
  // By version, so that the states that are kept are those of the last days of the newest one.
  return issued.sort((a, b) => Number(a.day.estimator.version) - Number(b.day.estimator.version));
}
