import { type ConfigOf, type ConfigSchema, defineConfig } from "@voltfog/runtime";

const settings = {
  tlsAuthority: { kind: "path", description: "certificate of the site's authority, PEM" },
  tlsCertificate: { kind: "path", description: "this process's certificate, PEM" },
  tlsKey: { kind: "path", description: "private key of that certificate, PKCS #8 PEM" },
  tlsRevocations: {
    kind: "text",
    default: "",
    description: "the authority's list of revoked certificates, followed live; empty: none",
  },
  host: {
    kind: "text",
    default: "127.0.0.1",
    description: "address that backbone and HTTP listen on",
  },
  backbonePort: {
    kind: "integer",
    default: 8083,
    min: 0,
    max: 65535,
    description: "port for vehicles and the cloud, HTTPS with mutual TLS; 0 takes a free one",
  },
  httpPort: {
    kind: "integer",
    default: 8081,
    min: 0,
    max: 65535,
    description: "port of health, metrics, placements and topology, HTTP; 0 takes a free one",
  },
  dataDir: { kind: "path", description: "folder of the state that survives a restart" },
  units: {
    kind: "list",
    description: "roadside units, each as id@https://host:port@mqtthost:port",
  },
  functions: {
    kind: "list",
    default: [
      "thermal-alert",
      "charge-guard",
      "state-estimation",
      "charging-control",
      "temperature-regulation",
      "cell-balancing",
    ] as const,
    description: "functions that run for every vehicle, on the unit of that vehicle",
  },
  vehiclesPerUnitMax: {
    kind: "integer",
    default: 1000,
    min: 1,
    max: 100_000,
    unit: "vehicles",
    description: "vehicles that one unit takes at most",
  },
  vehiclesMax: {
    kind: "integer",
    default: 10_000,
    min: 1,
    max: 1_000_000,
    unit: "vehicles",
    description: "vehicles that the controller knows at most; more are refused",
  },
  equalLatency_ms: {
    kind: "number",
    default: 5,
    min: 0,
    max: 1000,
    unit: "ms",
    description: "latencies this close to the best count as equal, and load decides",
  },
  moveGain_ms: {
    kind: "number",
    default: 20,
    min: 0,
    max: 60_000,
    unit: "ms",
    description: "least gain for which a connected vehicle is moved",
  },
  moveGainRatio: {
    kind: "number",
    default: 0.1,
    min: 0,
    max: 1,
    description: "least gain as a share of the present latency",
  },
  moveSamples: {
    kind: "integer",
    default: 3,
    min: 1,
    max: 1000,
    description: "rounds in a row in which the gain must hold",
  },
  moveCooldown_ms: {
    kind: "integer",
    default: 60_000,
    min: 0,
    max: 86_400_000,
    unit: "ms",
    description: "time after a move in which the vehicle stays",
  },
  poll_ms: {
    kind: "integer",
    default: 1000,
    min: 50,
    max: 60_000,
    unit: "ms",
    description: "time between two questions to each unit, and the longest wait for an answer",
  },
  missesMax: {
    kind: "integer",
    default: 3,
    min: 1,
    max: 100,
    description: "unanswered questions in a row after which a unit counts as dead",
  },
  logLevel: {
    kind: "text",
    default: "info",
    pattern: /^(error|warn|info|debug)$/ as RegExp,
    description: "error, warn, info or debug",
  },
} as const;

/** The one schema of the controller process. */
export const controllerConfig: ConfigSchema<typeof settings> = defineConfig({
  process: "controller",
  settings,
});

export type ControllerConfig = ConfigOf<typeof settings>;
