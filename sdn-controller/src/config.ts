import { type ConfigOf, type ConfigSchema, defineConfig } from "@voltfog/runtime";

const settings = {
  id: {
    kind: "text",
    default: "controller",
    pattern: /^[a-z][a-z0-9-]{0,31}$/ as RegExp,
    description: "this controller's name, by which units know whom they obey",
  },
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
    description:
      "roadside units, each as id@https://host:port@mqtthost:port; several uplinks to one are separated by |; ;zone=name and ;cpu=cores;memory_MB=megabytes bound what a unit says of itself",
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
    description:
      "functions to choose from for each vehicle; id@version runs that version, id alone the newest",
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
  movesPerRoundMax: {
    kind: "integer",
    default: 10,
    min: 0,
    max: 100_000,
    unit: "vehicles",
    description:
      "vehicles that are on the way to a faster unit at one time; failures know no limit",
  },
  bundleDwell_ms: {
    kind: "integer",
    default: 60_000,
    min: 0,
    max: 86_400_000,
    unit: "ms",
    description: "how long a function stays after the condition that chose it has ended",
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
    description: "time between two rounds over all units, and the longest wait for a status",
  },
  beat_ms: {
    kind: "integer",
    default: 250,
    min: 20,
    max: 10_000,
    unit: "ms",
    description: "time between two heartbeats of each unit",
  },
  beatLimit_ms: {
    kind: "integer",
    default: 1500,
    min: 20,
    max: 60_000,
    unit: "ms",
    description: "a heartbeat without an answer for so long is missed; one that is refused at once",
  },
  takeOver_ms: {
    kind: "integer",
    default: 3000,
    min: 100,
    max: 600_000,
    unit: "ms",
    description:
      "a passive controller takes over when the units have not heard of the leader for so long",
  },
  missesMax: {
    kind: "integer",
    default: 3,
    min: 1,
    max: 100,
    description: "missed heartbeats in a row after which a unit counts as dead",
  },
  unknownGrace_ms: {
    kind: "integer",
    default: 15_000,
    min: 0,
    max: 3_600_000,
    unit: "ms",
    description:
      "after its own start, and after it heard no unit at all, one that has not answered yet keeps its vehicles for so long; then it is dead. A process that was first heard less than that ago may stand still without being dead",
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
