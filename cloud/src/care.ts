import { join } from "node:path";
import { type Clock, type Logger, messageOf } from "@voltfog/runtime";
import { nodeCrypto, systemRandom } from "@voltfog/runtime/node";
import type { FleetDirectory } from "./access/fleet-directory.ts";
import { FollowedFile } from "./access/followed-file.ts";
import { AlertDesk } from "./alerts/alert-desk.ts";
import { type AlertSettings, parseAlertSettings, usualSettings } from "./alerts/alert-settings.ts";
import { AlertStage } from "./alerts/alert-stage.ts";
import { AlertStore } from "./alerts/alert-store.ts";
import { alertTables } from "./alerts/alert-tables.ts";
import { Courier } from "./alerts/courier.ts";
import { NoticeSender } from "./alerts/notice-sender.ts";
import { senderOf } from "./alerts/send-alert.ts";
import { UnitRemotes } from "./alerts/unit-remotes.ts";
import { readAllowedTargets } from "./alerts/webhook-address.ts";
import { readDepots } from "./maintenance/depots.ts";
import { IndicatorStore } from "./maintenance/indicator-store.ts";
import { MaintenanceDesk } from "./maintenance/maintenance-desk.ts";
import { MaintenanceStage } from "./maintenance/maintenance-stage.ts";
import { maintenanceTables } from "./maintenance/maintenance-tables.ts";
import { type PackSettings, parsePackSettings, usualPacks } from "./maintenance/pack-settings.ts";
import { WorkOrderStore, workOrderTables } from "./maintenance/work-order-store.ts";
import type { StepVerdict } from "./remote/repeat.ts";
import type { Site } from "./site-config.ts";
import { CopyStage } from "./store/copy-stage.ts";
import { openSideDatabase, type SideDatabase } from "./store/side-database.ts";
import type { TelemetryStore } from "./store/telemetry-store.ts";

export interface CareConfig {
  readonly dataDir: string;
  readonly alerts: string;
  readonly webhookAllow: readonly string[];
  readonly packs: string;
  readonly failureCost_EUR: number;
  readonly inspectionCost_EUR: number;
  readonly depots: readonly string[];
}

/** One of the stages that look after the fleet. */
export interface CareStage {
  readonly name: string;
  step(): Promise<StepVerdict>;
}

/** What looks after the fleet: daily figures, ranking, plan and orders, alerts and their delivery. */
export interface Care {
  readonly database: SideDatabase;
  readonly indicators: IndicatorStore;
  readonly maintenance: MaintenanceDesk;
  readonly orders: WorkOrderStore;
  readonly desk: AlertDesk;
  readonly alerts: AlertStore;
  readonly stages: readonly CareStage[];
  /** What is said of the vehicles' packs. */
  packs(): PackSettings;
  start(): void;
  stop(): void;
  /** After the stages have ended. */
  close(): Promise<void>;
}

const memoryMax_bytes = 268_435_456;

/** Opens the tables and brings everything to where they are. STORE_UNREADABLE, ALERTS_INVALID,
 * PACKS_INVALID, CONFIG_INVALID. */
export async function openCare(options: {
  config: CareConfig;
  store: TelemetryStore;
  site: Pick<Site, "units" | "identity">;
  fleets: FleetDirectory;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
}): Promise<Care> {
  const { config, store, site, fleets, clock, logger, signal } = options;
  const settingsFile = new FollowedFile<AlertSettings>({
    ...{
      path: config.alerts,
      absent: usualSettings,
      read: parseAlertSettings,
      name: "alert settings",
    },
    ...{ code: "ALERTS_INVALID", remedy: "see docs/operations/alerts.md", clock, logger },
  });
  const settings = (): AlertSettings => settingsFile.value;
  const allowed = readAllowedTargets(config.webhookAllow);
  const path = join(config.dataDir, "maintenance.duckdb");
  const tables = [...alertTables, ...maintenanceTables, ...workOrderTables];
  const packsFile = new FollowedFile<PackSettings>({
    ...{ path: config.packs, absent: usualPacks, read: parsePackSettings, name: "packs" },
    ...{ code: "PACKS_INVALID", remedy: "see docs/operations/maintenance.md", clock, logger },
  });
  const depots = readDepots(config.depots);
  const database = await openSideDatabase({ path, tables, memoryMax_bytes, clock });
  const indicators = new IndicatorStore(database);
  const orders = new WorkOrderStore(database);
  const { failureCost_EUR: failure_EUR, inspectionCost_EUR: inspection_EUR } = config;
  const costs = { failure_EUR, inspection_EUR };
  const maintenance = new MaintenanceDesk({ indicators, orders, costs, depots, clock });
  const alerts = new AlertStore(database);
  const desk = new AlertDesk({
    ...{ store: alerts, settings, clock, logger },
    fleetOf: (id) => fleets.fleetOf(id),
  });
  await desk.restore();
  const remotes = new UnitRemotes({ ...site, clock });
  const notices = new NoticeSender({
    ...{ store, alerts, signal, crypto: nodeCrypto },
    remoteOf: (unitId) => remotes.of(unitId),
  });
  const send = senderOf({ notices, allowed, clock, signal });
  const alertStage = new AlertStage({ store, alerts, desk });
  const courier = new Courier({
    store: alerts,
    settings,
    send,
    clock,
    random: systemRandom,
    logger,
  });
  const figures = new MaintenanceStage({
    ...{ store, indicators, desk, clock, packs: () => packsFile.value },
    issued: () => maintenance.refresh(),
  });
  const files = [settingsFile, packsFile];
  const copies = new CopyStage(database);
  return {
    ...{ database, indicators, maintenance, orders, desk, alerts },
    stages: [
      { name: "maintenance", step: () => figures.step() },
      { name: "alerts", step: () => alertStage.step() },
      { name: "delivery of alerts", step: () => courier.step() },
      { name: "copy for backups", step: () => copies.step() },
    ],
    packs: () => packsFile.value,
    start() {
      for (const file of files) file.start();
    },
    stop() {
      for (const file of files) file.stop();
    },
    async close() {
      await desk.settled();
      remotes.close();
      await database.copy().catch((thrown: unknown) => {
        logger.warn("no copy for backups", { reason: messageOf(thrown) });
      });
      await database.close();
    },
  };
}
