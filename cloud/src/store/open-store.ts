import { type Clock, CodedError } from "@voltfog/runtime";
import type { TlsIdentity } from "@voltfog/runtime/node";
import { openDuckDbStore } from "./duckdb-store.ts";
import { InfluxSampleSeries } from "./influx-series.ts";
import { type SampleSeries, seriesEngines } from "./sample-series.ts";
import type { TelemetryStore } from "./telemetry-store.ts";

/** The part of the configuration that chooses the store. */
export interface StoreChoice {
  readonly dataDir: string;
  readonly storeMemoryMax_bytes: number;
  readonly store: string;
  readonly influxUrl: string;
  readonly influxDatabase: string;
  readonly influxLogin: string;
  readonly influxServerId: string;
}

/**
 * The store that the configuration chooses. CONFIG_INVALID where the choice is incomplete,
 * STORE_UNREADABLE; an InfluxDB that is down is waited for later.
 */
export async function openStore(
  config: StoreChoice,
  ports: { clock: Clock; identity: TlsIdentity | undefined },
): Promise<TelemetryStore> {
  const series = openSeries(config, ports);
  return await openDuckDbStore({
    folder: config.dataDir,
    memoryMax_bytes: config.storeMemoryMax_bytes,
    clock: ports.clock,
    ...(series === undefined ? {} : { series }),
  });
}

function openSeries(
  config: StoreChoice,
  ports: { clock: Clock; identity: TlsIdentity | undefined },
): SampleSeries | undefined {
  const engine = seriesEngines.find((one) => one === config.store);
  if (engine === undefined) {
    throw invalid(`store: ${config.store} is none of ${seriesEngines.join(", ")}`);
  }
  if (engine === "duckdb") return undefined;
  if (!isSafeAddress(config.influxUrl)) {
    throw invalid("influxUrl: https, or http to a loopback address, is needed for store influxdb");
  }
  return new InfluxSampleSeries({
    url: config.influxUrl,
    database: config.influxDatabase,
    loginFile: config.influxLogin,
    serverId: config.influxServerId,
    ...ports,
  });
}

/** What leaves the machine is encrypted. */
function isSafeAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:") return true;
  return url?.protocol === "http:" && /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(url.hostname);
}

function invalid(message: string): CodedError {
  return new CodedError({
    code: "CONFIG_INVALID",
    message,
    remedy: "see store and influxUrl in `voltfog cloud --print-config`",
  });
}
