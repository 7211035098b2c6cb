import { type ConfigOf, type ConfigSchema, defineConfig } from "@voltfog/runtime";
import { tokenRoles } from "./access/token-file.ts";

const anonymousPattern = new RegExp(`^(${["none", ...tokenRoles].join("|")})$`);

const settings = {
  host: {
    kind: "text",
    default: "127.0.0.1",
    description: "address the pages and the API listen on",
  },
  httpPort: {
    kind: "integer",
    default: 8080,
    min: 0,
    max: 65_535,
    description: "port of the pages and the API; 0 takes any free one",
  },
  dataDir: { kind: "path", description: "folder of telemetry.duckdb" },
  genesis: { kind: "path", description: "the consortium's genesis file, the only root of trust" },
  tlsAuthority: { kind: "path", description: "certificate of the site's authority, PEM" },
  tlsCertificate: { kind: "path", description: "this process's certificate, PEM" },
  tlsKey: { kind: "path", description: "private key of that certificate, PKCS #8 PEM" },
  tlsRevocations: {
    kind: "text",
    default: "",
    description: "the authority's list of revoked certificates, followed live; empty: none",
  },
  units: {
    kind: "list",
    default: [],
    description: "roadside units to read from, each as id@https://host:port",
  },
  validators: {
    kind: "list",
    default: [],
    description: "validators to follow blocks from, each as id@https://host:port",
  },
  controllerUrl: {
    kind: "text",
    default: "",
    pattern: /^(https:\/\/\S+)?$/ as RegExp,
    description: "https address of the controller; empty where there is none",
  },
  vehicles: {
    kind: "text",
    default: "",
    description:
      "file of enrolled vehicles [{id, key, salt}]; empty where names come from frames only",
  },
  tokens: {
    kind: "text",
    default: "",
    description:
      "file of tokens {version, tokens}, followed while the process runs; empty for no tokens",
  },
  anonymousRole: {
    kind: "text",
    default: "none",
    pattern: anonymousPattern as RegExp,
    description:
      "role of who shows no token, or none; only where host is a loopback address (ANONYMOUS_EXPOSED)",
  },
  webRoot: {
    kind: "path",
    default: "web/dist",
    description: "folder of the built web application",
  },
  entriesMax: {
    kind: "integer",
    default: 256,
    min: 1,
    max: 1024,
    description:
      "log entries per request and transaction; more raises throughput and pauses the API longer",
  },
  longPoll_ms: {
    kind: "integer",
    unit: "ms",
    default: 20_000,
    min: 100,
    max: 60_000,
    description:
      "how long a unit or validator may hold a request open until there is something new",
  },
  liveClientsMax: {
    kind: "integer",
    default: 200,
    min: 1,
    max: 10_000,
    description: "clients of the live feed; one more is refused with LIVE_FULL",
  },
  storeMemoryMax_bytes: {
    kind: "integer",
    unit: "bytes",
    default: 1_073_741_824,
    min: 134_217_728,
    max: 1_099_511_627_776,
    description: "memory that the store may take for queries and buffers",
  },
  logLevel: {
    kind: "text",
    default: "info",
    pattern: /^(error|warn|info|debug)$/ as RegExp,
    description: "error, warn, info or debug",
  },
} as const;

/** Everything that the cloud process can be told. */
export const cloudConfig: ConfigSchema<typeof settings> = defineConfig({
  process: "cloud",
  settings,
});

export type CloudConfig = ConfigOf<typeof settings>;
