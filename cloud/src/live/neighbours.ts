import type { Clock } from "@voltfog/runtime";
import type { FunctionView, PeerView, SocEstimateView } from "../api/responses.ts";
import type { Remote } from "../remote/remote.ts";
import type { StepVerdict } from "../remote/repeat.ts";
import { listOf, numberOrNull, parseJson, recordOf, textOf } from "./json-value.ts";
import { readService, type ServiceWord } from "./validator-service.ts";

/** What a unit last said of itself. Its own word, shown as such; nothing is decided by it. */
export interface UnitStatus {
  readonly logSize: number | null;
  readonly publishedSize: number | null;
  readonly vehicles: readonly string[];
  readonly refusals: Readonly<Record<string, number>>;
  readonly functions: readonly FunctionView[];
  readonly eventsPending: number | null;
  readonly estimates: ReadonlyMap<string, SocEstimateView>;
}

/** What a validator last said of itself. */
export interface ValidatorStatus {
  readonly height: number | null;
  readonly finalised_ms: number | null;
  readonly mempool: number | null;
  readonly peers: readonly PeerView[];
  /** What it measured of all of them, by id. */
  readonly service: ReadonlyMap<string, ServiceWord>;
}

const poll_ms = 2000;
const timeout_ms = 3000;
const bodyMax_bytes = 4 * 1024 * 1024;

/** Asks one process for its status every two seconds and keeps the last answer. */
export class Neighbour<T> {
  readonly id: string;
  readonly remote: Remote;
  readonly #read: (status: unknown) => T;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #status: T | undefined;
  #reachable = false;
  #seen_ms: number | null = null;

  constructor(options: {
    id: string;
    remote: Remote;
    read: (status: unknown) => T;
    clock: Clock;
    signal: AbortSignal;
  }) {
    this.id = options.id;
    this.remote = options.remote;
    this.#read = options.read;
    this.#clock = options.clock;
    this.#signal = options.signal;
  }

  /** undefined until it answered once. */
  get status(): T | undefined {
    return this.#status;
  }

  get reachable(): boolean {
    return this.#reachable;
  }

  get seen_ms(): number | null {
    return this.#seen_ms;
  }

  async step(): Promise<StepVerdict> {
    this.#reachable = await this.#ask().catch(() => false);
    return { pause_ms: poll_ms };
  }

  async #ask(): Promise<boolean> {
    const options = { signal: this.#signal, timeout_ms, bodyMax_bytes };
    const reply = await this.remote.get("/v1/status", options);
    const status = reply.status === 200 ? parseJson(reply.body) : undefined;
    if (status === undefined) return false;
    this.#status = this.#read(status);
    this.#seen_ms = this.#clock.wall_ms();
    return true;
  }
}

export function readUnitStatus(value: unknown): UnitStatus {
  const status = recordOf(value);
  const log = recordOf(status["log"]);
  const refusals = Object.entries(recordOf(status["refusals"])).slice(0, 64);
  return {
    logSize: numberOrNull(log["size"]),
    publishedSize: numberOrNull(log["publishedSize"]),
    vehicles: listOf(status["connectedVehicles"]).slice(0, 10_000).map(textOf),
    refusals: Object.fromEntries(refusals.map(([code, count]) => [code, numberOrNull(count) ?? 0])),
    functions: listOf(status["functions"]).slice(0, 64).map(readFunction),
    eventsPending: numberOrNull(status["eventsPending"]),
    estimates: readEstimates(status["estimates"]),
  };
}

function readFunction(value: unknown): FunctionView {
  const item = recordOf(value);
  const vehicles = item["vehicles"];
  return {
    id: textOf(item["id"]),
    version: textOf(item["version"]),
    vehicles: Array.isArray(vehicles) ? vehicles.length : (numberOrNull(vehicles) ?? 0),
    health: textOf(recordOf(item["health"])["state"]) || "unknown",
  };
}

/** The newest estimate of each vehicle's state of charge. */
function readEstimates(value: unknown): ReadonlyMap<string, SocEstimateView> {
  const estimates = new Map<string, SocEstimateView>();
  for (const item of listOf(value).slice(0, 10_000).map(recordOf)) {
    const soc = numberOrNull(item["value"]);
    const at_ms = numberOrNull(item["at_ms"]);
    if (item["name"] !== "soc" || soc === null || at_ms === null) continue;
    // A unit names the estimator with its version behind the last space.
    const [, estimator, version] = /^(.*?)(?: (\S+))?$/.exec(textOf(item["estimator"])) ?? [];
    estimates.set(textOf(item["vehicleId"]), {
      value: soc,
      low: numberOrNull(item["low"]) ?? soc,
      high: numberOrNull(item["high"]) ?? soc,
      estimator: estimator ?? "",
      version: version ?? textOf(item["functionVersion"]),
      at_ms,
    });
  }
  return estimates;
}

export function readValidatorStatus(value: unknown): ValidatorStatus {
  const status = recordOf(value);
  return {
    height: numberOrNull(status["height"]),
    finalised_ms: numberOrNull(status["finalisedAt_ms"]),
    mempool: numberOrNull(status["mempool"]),
    service: readService(status["validators"]),
    peers: listOf(status["peers"])
      .slice(0, 256)
      .map(recordOf)
      .map((peer) => ({
        id: textOf(peer["id"]),
        connected: peer["connected"] === true,
        height: numberOrNull(peer["height"]) ?? 0,
      })),
  };
}
