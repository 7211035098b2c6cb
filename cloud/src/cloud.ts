import { setMaxListeners } from "node:events";
import { type Clock, CodedError, type Logger } from "@voltfog/runtime";
import { createHttpService, loadTlsIdentity, nodeCrypto } from "@voltfog/runtime/node";
import { TokenDirectory } from "./access/token-directory.ts";
import { isTokenRole, type TokenRole } from "./access/token-file.ts";
import { httpApi } from "./api/http-api.ts";
import { webIsBuilt } from "./api/web-app.ts";
import type { CloudPorts } from "./cloud-ports.ts";
import { compose } from "./composition.ts";
import type { CloudConfig } from "./config.ts";
import { Consortium } from "./finality/consortium.ts";
import { runStages } from "./pipeline.ts";
import { createRemote, type Remote } from "./remote/remote.ts";
import { readAddresses, readGenesis, readVehicleNames, type Site } from "./site-config.ts";
import { openDuckDbStore } from "./store/duckdb-store.ts";

/** The running process. */
export interface Cloud {
  readonly ports: { readonly http: number };
  /** Finishes the commits in hand, then closes the store and every connection. */
  stop(): Promise<void>;
}

/**
 * Starts the cloud process and resolves when its API listens. Units, validators, controller and the
 * built pages may all be missing: it catches up when they come. Throws CodedError: PORT_IN_USE,
 * STORE_UNREADABLE, GENESIS_UNREADABLE and the parser's codes, VEHICLES_INVALID, CONFIG_INVALID,
 * CERTIFICATE_UNREADABLE, TOKENS_INVALID, ANONYMOUS_EXPOSED.
 */
export async function runCloud(config: CloudConfig, ports: CloudPorts): Promise<Cloud> {
  const { clock, logger } = ports;
  const anonymousRole = anonymousRoleOf(config);
  const tokens = new TokenDirectory(config.tokens, ports);
  const site = readSite(config, logger);
  const store = await openDuckDbStore({
    folder: config.dataDir,
    memoryMax_bytes: config.storeMemoryMax_bytes,
    clock,
  });
  const stopping = new AbortController();
  const { signal } = stopping;
  setMaxListeners(0, signal); // Every open request listens for the end; their number is bounded.
  const service = createHttpService({
    process: "cloud",
    host: config.host,
    port: config.httpPort,
    logger,
    missing: () => (webIsBuilt(config.webRoot) ? [] : ["web"]),
  });
  try {
    const parts = compose({ config, ports, site, store, registry: service.metrics, signal });
    await parts.restore();
    const { consortium } = site;
    const controller = controllerOf({ config, site, clock });
    const context = { ...parts, store, clock, signal, consortium, controller };
    const guard = { tokens, anonymousRole, clock, logger };
    await service.app.register(httpApi, { webRoot: config.webRoot, context, guard });
    const http = await service.listen();
    parts.publisher.start();
    tokens.start();
    const running = runStages(parts.stages, { signal, clock, logger });
    logger.info("takes data and answers", { port: http, units: site.units.length });
    return {
      ports: { http },
      async stop() {
        stopping.abort();
        parts.publisher.stop();
        tokens.stop();
        parts.hub.close();
        await service.close();
        await running;
        await parts.settled();
        parts.close();
        controller?.close();
        await store.close();
      },
    };
  } catch (thrown) {
    await service.close();
    await store.close();
    throw thrown;
  }
}

const loopback = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/;

/** Whoever reaches another address than loopback must say who they are, without exception. */
function anonymousRoleOf({ anonymousRole: role, host }: CloudConfig): TokenRole | undefined {
  if (!isTokenRole(role)) return undefined;
  if (loopback.test(host)) return role;
  throw new CodedError({
    code: "ANONYMOUS_EXPOSED",
    message: `anonymousRole is ${role} while host is ${host}, which others can reach`,
    remedy: "set anonymousRole to none and create tokens, or listen on 127.0.0.1",
  });
}

function controllerOf(options: {
  config: CloudConfig;
  site: Site;
  clock: Clock;
}): Remote | undefined {
  const { config, site, clock } = options;
  const { controllerUrl: url } = config;
  if (url === "") return undefined;
  return createRemote({ url, peerId: "controller", identity: site.identity, clock });
}

function readSite(config: CloudConfig, logger: Logger): Site {
  const crypto = nodeCrypto;
  const genesis = readGenesis(config.genesis, crypto);
  return {
    consortium: new Consortium({ genesis, crypto }),
    identity: loadTlsIdentity(config, logger),
    vehicleNames: readVehicleNames(config.vehicles, crypto),
    units: readAddresses({
      key: "units",
      items: config.units,
      known: genesis.units.map(({ id }) => id),
    }),
    validators: readAddresses({
      key: "validators",
      items: config.validators,
      known: genesis.validators.map(({ id }) => id),
    }),
  };
}
