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
  sessionMax_h: {
    kind: "integer",
    unit: "h",
    default: 12,
    min: 1,
    max: 720,
    description:
      "how long a sign-in on the pages holds at most; it ends with its token or login where that is earlier",
  },
  oidcIssuer: {
    kind: "text",
    default: "",
    description: "issuer of logins that are taken beside tokens (OpenID Connect); empty: none",
  },
  oidcAudience: {
    kind: "text",
    default: "",
    description: "audience that a login must be meant for",
  },
  oidcJwks: {
    kind: "text",
    default: "",
    description: "the issuer's keys: an https address, or a file that is followed",
  },
  oidcRoleClaim: {
    kind: "text",
    default: "voltfog_role",
    description: "claim that names the role, or a group of oidcRoles",
  },
  oidcFleetClaim: {
    kind: "text",
    default: "voltfog_fleet",
    description: "claim that names the fleet, * for all; a login without it is refused",
  },
  oidcRoles: {
    kind: "list",
    default: [],
    description: "roles by what the claim says, each as group=role",
  },
  alerts: {
    kind: "text",
    default: "",
    description:
      "file of alert rules and receivers, followed while the process runs; empty: the usual rules, and nobody is told",
  },
  webhookAllow: {
    kind: "list",
    default: [],
    description:
      "where webhooks may go, each as host:port, or private:host:port in the site's own network",
  },
  packs: {
    kind: "text",
    default: "",
    description:
      "file of what packs the vehicles have, followed while the process runs; empty: 96 cells of 150 Ah, new on the first known day",
  },
  failureCost_EUR: {
    kind: "integer",
    default: 2500,
    min: 0,
    max: 10_000_000,
    description: "what a fault costs that fails on the road",
  },
  inspectionCost_EUR: {
    kind: "integer",
    default: 90,
    min: 0,
    max: 10_000_000,
    description: "what it costs to look at a vehicle",
  },
  depots: {
    kind: "list",
    default: ["workshop=2"],
    description: "depots, each as id=places per working day",
  },
  auditMax_bytes: {
    kind: "integer",
    unit: "bytes",
    default: 67_108_864,
    min: 65_536,
    max: 1_099_511_627_776,
    description: "size of the record of accesses; the oldest go when it is full",
  },
  marketKey: {
    kind: "text",
    default: "",
    description:
      "private key of the market's authority, PKCS #8 PEM, which vouches for accounts; empty: the market is read only",
  },
  marketDeposits: {
    kind: "text",
    default: "none",
    pattern: /^(none|simulated)$/ as RegExp,
    description: "simulated credits deposits that nobody paid, and says so; none refuses them",
  },
  marketCurrency: {
    kind: "text",
    default: "EUR",
    pattern: /^[A-Z]{3}$/ as RegExp,
    description: "ISO 4217 code of the union's currency, whose millionths are the chain's amounts",
  },
  settlementUrl: {
    kind: "text",
    default: "",
    pattern: /^(mariadb:\/\/\S+)?$/ as RegExp,
    description:
      "mariadb://host:port/database that gets what the chain settled; empty: nothing is exported, and orders of private piles stay without acknowledgement",
  },
  settlementLogin: {
    kind: "text",
    default: "",
    description: "file with user:password for settlementUrl",
  },
  settlementAuthority: {
    kind: "text",
    default: "",
    description:
      "authority of the database's certificate, PEM; needed where it is on another machine",
  },
  settlementCountry: {
    kind: "text",
    default: "NL/NLD",
    pattern: /^[A-Z]{2}\/[A-Z]{3}$/ as RegExp,
    description: "country in charge detail records, ISO 3166-1 alpha-2/alpha-3",
  },
  settlementParties: {
    kind: "list",
    default: [],
    description:
      "party ids in charge detail records, each as organisation=ABC; two letters of the name and its last unless given",
  },
  webRoot: {
    kind: "path",
    default: "web/dist",
    description: "folder of the built web application",
  },
  natsUrl: {
    kind: "text",
    default: "",
    pattern: /^(tls:\/\/\S+)?$/ as RegExp,
    description:
      "tls://host:port of a NATS server with JetStream that carries units' entries and events; empty: the units are asked directly",
  },
  natsServerId: {
    kind: "text",
    default: "nats",
    pattern: /^[a-z][a-z0-9-]{0,31}$/ as RegExp,
    description: "id in the NATS server's certificate of the site's authority",
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
    default: 1200,
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
  store: {
    kind: "text",
    default: "duckdb",
    pattern: /^(duckdb|influxdb)$/ as RegExp,
    description:
      "where samples are kept: duckdb, in the file of everything else, or influxdb; fixed with the first start",
  },
  influxUrl: {
    kind: "text",
    default: "",
    pattern: /^(https?:\/\/\S+)?$/ as RegExp,
    description: "address of InfluxDB: https, or http on this machine",
  },
  influxDatabase: {
    kind: "text",
    default: "voltfog",
    pattern: /^[a-z][a-z0-9_]{0,62}$/ as RegExp,
    description: "database in InfluxDB, made where it is missing",
  },
  influxLogin: {
    kind: "text",
    default: "",
    description: "file with user:password for InfluxDB; empty where it asks for none",
  },
  influxServerId: {
    kind: "text",
    default: "influxdb",
    pattern: /^[a-z][a-z0-9-]{0,31}$/ as RegExp,
    description: "id in InfluxDB's certificate of the site's authority, where influxUrl is https",
  },
  samplesKept_d: {
    kind: "integer",
    unit: "d",
    default: 0,
    min: 0,
    max: 36_500,
    description:
      "days that single samples are kept; roll-ups by minute, hour and day stay where the store is duckdb; 0 keeps all",
  },
  framesKept_d: {
    kind: "integer",
    unit: "d",
    default: 0,
    min: 0,
    max: 36_500,
    description: "days that signed frames are kept once they are final; 0 keeps all",
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
