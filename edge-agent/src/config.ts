import { type ConfigOf, type ConfigSchema, defineConfig } from "@voltfog/runtime";

const settings = {
  dataDir: { kind: "path", description: "folder with one folder per vehicle: journal and outbox" },
  vehicles: { kind: "list", description: "ids of the vehicles this process hosts" },
  keys: { kind: "path", description: "folder with the device key <id>.key of each vehicle" },
  certificates: {
    kind: "path",
    description: "folder with the certificate <id>.crt of each vehicle, over its device key",
  },
  tlsAuthority: { kind: "path", description: "certificate of the site's authority, PEM" },
  tlsCertificate: { kind: "path", description: "this process's certificate, for the controller" },
  tlsKey: { kind: "path", description: "private key of that certificate, PKCS #8 PEM" },
  tlsRevocations: {
    kind: "text",
    default: "",
    description: "the authority's list of revoked certificates, followed live; empty: none",
  },
  genesis: {
    kind: "path",
    description: "the chain's genesis file, for the units' public keys",
  },
  controllerUrl: {
    kind: "text",
    default: "",
    pattern:
      /^((([a-z][a-z0-9-]*@)?https:\/\/[^\s,@]+)(,([a-z][a-z0-9-]*@)?https:\/\/[^\s,@]+)*)?$/ as RegExp,
    description:
      "https address of the controller that says which unit to attach to; several as id@https://host:port, separated by commas; empty: only the units listed",
  },
  units: {
    kind: "list",
    description: "units to probe and to fall back to, each id@mqtthost:port",
  },
  source: {
    kind: "text",
    default: "replay",
    pattern: /^(replay|simulator)$/ as RegExp,
    description: "replay (a real drive cycle drives a modelled pack) or simulator",
  },
  replayFiles: {
    kind: "list",
    default: [] as const,
    description: "drive cycle files (csv.gz: ambient_c, profile, t_s, v, i, temp, ah) to replay",
  },
  rate_Hz: {
    kind: "number",
    default: 1,
    min: 1,
    max: 10,
    unit: "Hz",
    description: "samples per second and vehicle",
  },
  frameSamplesMax: {
    kind: "integer",
    default: 64,
    min: 1,
    max: 64,
    description: "a frame is cut when it holds this many samples",
  },
  frameAge_ms: {
    kind: "integer",
    default: 10_000,
    min: 100,
    max: 60_000,
    unit: "ms",
    description: "a frame is cut when its first sample is this old",
  },
  twin: {
    kind: "flag",
    default: true,
    description: "run a twin of each pack beside its telemetry: residuals, estimates, forecasts",
  },
  twinSave_ms: {
    kind: "integer",
    default: 60_000,
    min: 1000,
    max: 86_400_000,
    unit: "ms",
    description: "how often a twin's state is saved, besides when the agent stops",
  },
  urgentPort: {
    kind: "integer",
    default: 0,
    min: 0,
    max: 65535,
    description: "port on which units take alarms over a connection of their own; 0: with the rest",
  },
  urgentUnits: {
    kind: "list",
    default: [] as const,
    description:
      "units whose port of alarms is not urgentPort, such as several on one machine, each id@mqtthost:port",
  },
  linkDevice: {
    kind: "text",
    default: "",
    pattern: /^[A-Za-z0-9_.-]{0,15}$/ as RegExp,
    description:
      "network device of this machine's uplink, on which the kernel sends alarms first, by tc; empty: none",
  },
  linkRate_bytes: {
    kind: "integer",
    default: 1_250_000,
    min: 1024,
    max: 12_500_000_000,
    unit: "bytes/s",
    description: "what that uplink carries; more would queue where it cannot be sorted",
  },
  outboxMax: {
    kind: "integer",
    default: 1_000_000,
    min: 64,
    max: 100_000_000,
    unit: "samples",
    description: "samples kept per vehicle while no unit takes them; more become a declared gap",
  },
  urgentMax: {
    kind: "integer",
    default: 10_000,
    min: 16,
    max: 1_000_000,
    unit: "frames",
    description: "alarm frames kept per vehicle beside the samples",
  },
  drainMax_ms: {
    kind: "integer",
    default: 25_000,
    min: 0,
    max: 600_000,
    unit: "ms",
    description: "how long a stopping agent goes on sending what its outbox holds",
  },
  seed: {
    kind: "integer",
    default: 1,
    min: 0,
    max: 4_294_967_295,
    description: "seed of cell spread, sensor noise and start offsets",
  },
  host: { kind: "text", default: "127.0.0.1", description: "address the HTTP service listens on" },
  httpPort: {
    kind: "integer",
    default: 0,
    min: 0,
    max: 65_535,
    description: "port of /health, /ready, /metrics and /v1/status; 0 takes any free port",
  },
  logLevel: {
    kind: "text",
    default: "info",
    pattern: /^(error|warn|info|debug)$/ as RegExp,
    description: "least severe log level that is written",
  },
} as const;

/** Settings of the edge process; environment names start with VOLTFOG_EDGE_. */
export const edgeConfig: ConfigSchema<typeof settings> = defineConfig({
  process: "edge",
  settings,
});

export type EdgeConfig = ConfigOf<typeof settings>;
