import { type ConfigOf, type ConfigSchema, defineConfig } from "@voltfog/runtime";

const settings = {
  id: {
    kind: "text",
    pattern: /^[a-z][a-z0-9-]{0,31}$/ as RegExp,
    description: "this unit's id, as in the genesis file",
  },
  genesis: { kind: "path", description: "the consortium's genesis file" },
  key: { kind: "path", description: "this unit's Ed25519 key, PKCS #8 PEM" },
  dataDir: { kind: "path", description: "folder of this unit's log/ and events/" },
  vehicles: {
    kind: "path",
    description: "enrolled devices, JSON [{id, key, salt, revoked?}]",
  },
  tlsAuthority: { kind: "path", description: "certificate of the site's authority, PEM" },
  tlsCertificate: { kind: "path", description: "this unit's certificate, PEM" },
  tlsKey: { kind: "path", description: "private key of that certificate, PKCS #8 PEM" },
  tlsRevocations: {
    kind: "text",
    default: "",
    description: "the authority's list of revoked certificates, followed live; empty: none",
  },
  host: {
    kind: "text",
    default: "127.0.0.1",
    description: "address that MQTT, backbone and HTTP listen on",
  },
  mqttPort: {
    kind: "integer",
    default: 8883,
    min: 0,
    max: 65535,
    description: "port of the broker to the vehicles, mutual TLS; 0 takes a free one",
  },
  urgentPort: {
    kind: "integer",
    default: 0,
    min: 0,
    max: 65535,
    description:
      "second port of the broker, for alarms alone, so that queues outside can tell them by port; 0: none",
  },
  backbonePort: {
    kind: "integer",
    default: 8093,
    min: 0,
    max: 65535,
    description: "port for the cloud and the controller, HTTPS with mutual TLS; 0 takes a free one",
  },
  httpPort: {
    kind: "integer",
    default: 8090,
    min: 0,
    max: 65535,
    description: "port of health, metrics, status and the published log, HTTP; 0 takes a free one",
  },
  validatorUrl: {
    kind: "text",
    default: "http://127.0.0.1:8070",
    pattern: /^https?:\/\/\S+$/ as RegExp,
    description: "HTTP address of the validator that takes this unit's transactions",
  },
  zone: {
    kind: "text",
    default: "default",
    pattern: /^[a-z][a-z0-9-]{0,31}$/ as RegExp,
    description:
      "where this unit stands; copies of state are kept in another zone where there is one",
  },
  cpu: {
    kind: "number",
    default: 1,
    min: 0.01,
    max: 1024,
    description: "cores that functions may use here; no more than the machine has",
  },
  memory_MB: {
    kind: "number",
    default: 1024,
    min: 1,
    max: 16_777_216,
    unit: "MB",
    description: "memory that functions may use here; no more than the machine has",
  },
  connectionsMax: {
    kind: "integer",
    default: 2000,
    min: 1,
    max: 100_000,
    unit: "connections",
    description: "MQTT connections at one time; further ones are closed at once",
  },
  inFlightMax_bytes: {
    kind: "integer",
    default: 1_048_576,
    min: 131_072,
    max: 67_108_864,
    unit: "bytes",
    description:
      "bytes of one vehicle that wait for the disk; its socket is read no further until they are durable",
  },
  rateMax_bytes: {
    kind: "integer",
    default: 8_388_608,
    min: 1024,
    max: 1_073_741_824,
    unit: "bytes/s",
    description: "bytes per second read from one connection; a faster sender waits",
  },
  quarantineBudget: {
    kind: "integer",
    default: 3,
    min: 0,
    max: 1_000_000,
    unit: "frames",
    description:
      "forged, foreign or forking frames of one vehicle within a minute at which the unit puts it out; 0: it puts nobody out by itself",
  },
  linkDevice: {
    kind: "text",
    default: "",
    pattern: /^[A-Za-z0-9_.-]{0,15}$/ as RegExp,
    description:
      "network device on which the kernel sends alarms first, then the backbone, then the rest, by tc; empty: none",
  },
  linkRate_bytes: {
    kind: "integer",
    default: 1_250_000,
    min: 1024,
    max: 12_500_000_000,
    unit: "bytes/s",
    description: "what that device's link carries; more would queue where it cannot be sorted",
  },
  packetFilter: {
    kind: "flag",
    default: false,
    description: "keep denied and quarantined addresses out in the kernel too, by nft",
  },
  clockSkewMax_ms: {
    kind: "integer",
    default: 300_000,
    min: 1000,
    max: 86_400_000,
    unit: "ms",
    description: "how far ahead of this unit a vehicle's clock may be",
  },
  groupMax: {
    kind: "integer",
    default: 1024,
    min: 1,
    max: 1024,
    unit: "frames",
    description: "frames that share one group commit at most",
  },
  functionStall_ms: {
    kind: "integer",
    default: 5000,
    min: 100,
    max: 600_000,
    unit: "ms",
    description: "time without an answer after which a function counts as looping and is restarted",
  },
  functionsDir: {
    kind: "text",
    default: "",
    description:
      "folder of functions deployed by file (voltfog functions deploy), followed live; empty: none",
  },
  checkpointInterval_ms: {
    kind: "integer",
    default: 1000,
    min: 50,
    max: 2000,
    unit: "ms",
    description: "least time between two checkpoint transactions of a growing log",
  },
  chargerFeed: {
    kind: "text",
    default: "",
    pattern: /^(|belib|volt)$/ as RegExp,
    description: "live charger statuses: belib or volt, once a minute; empty: none, or a replay",
  },
  chargerFeedUrl: {
    kind: "text",
    default: "",
    pattern: /^(https?:\/\/\S+)?$/ as RegExp,
    description: "address of the live feed",
  },
  chargerReplay: {
    kind: "text",
    default: "",
    description:
      "recorded charger statuses to replay to drivers, JSON; beside a live feed, the list of its points; empty: none",
  },
  chargerModels: {
    kind: "text",
    default: "",
    description: "registry of models that forecast chargers (voltfog models); empty: none",
  },
  chargerStep_ms: {
    kind: "integer",
    default: 300_000,
    min: 100,
    max: 86_400_000,
    unit: "ms",
    description: "time after which the replay shows the next recorded snapshot",
  },
  natsUrl: {
    kind: "text",
    default: "",
    pattern: /^(tls:\/\/\S+)?$/ as RegExp,
    description:
      "tls://host:port of a NATS server with JetStream to publish entries and events on; empty: the cloud asks this unit",
  },
  natsServerId: {
    kind: "text",
    default: "nats",
    pattern: /^[a-z][a-z0-9-]{0,31}$/ as RegExp,
    description: "id in the NATS server's certificate of the site's authority",
  },
  evmUrl: {
    kind: "text",
    default: "",
    pattern: /^(https?:\/\/\S+)?$/ as RegExp,
    description:
      "JSON-RPC address of an Ethereum chain that is this unit's only ledger; empty: the consortium's validator is",
  },
  evmLogRegistry: {
    kind: "text",
    default: "",
    pattern: /^(0x[0-9a-fA-F]{40})?$/ as RegExp,
    description: "address of the LogRegistry on that chain",
  },
  evmEventRegistry: {
    kind: "text",
    default: "",
    pattern: /^(0x[0-9a-fA-F]{40})?$/ as RegExp,
    description: "address of the EventRegistry on that chain",
  },
  evmKey: {
    kind: "text",
    default: "",
    description: "key of this unit's account on that chain, secp256k1 in PKCS #8 PEM",
  },
  evmConfirmations: {
    kind: "integer",
    default: 12,
    min: 1,
    max: 10_000,
    unit: "blocks",
    description: "depth on that chain, its own block included, at which something is final",
  },
  evmInterval_ms: {
    kind: "integer",
    default: 60_000,
    min: 100,
    max: 86_400_000,
    unit: "ms",
    description: "least time between two checkpoints on that chain",
  },
  evmFeeMax: {
    kind: "number",
    default: 200,
    min: 0.001,
    max: 1_000_000,
    unit: "gwei",
    description: "most that a transaction on that chain offers per unit of gas",
  },
  diskFreeMin_bytes: {
    kind: "integer",
    default: 1_000_000_000,
    min: 0,
    max: 1_000_000_000_000_000,
    unit: "bytes",
    description: "free bytes on the data folder's disk below which this process warns",
  },
  diskLeftMin_d: {
    kind: "integer",
    default: 14,
    min: 0,
    max: 36_500,
    unit: "days",
    description:
      "days until the disk is full, at the growth of the last week, below which this process warns",
  },
  logLevel: {
    kind: "text",
    default: "info",
    pattern: /^(error|warn|info|debug)$/ as RegExp,
    description: "error, warn, info or debug",
  },
} as const;

/** The one schema of the roadside unit's process. */
export const rsuConfig: ConfigSchema<typeof settings> = defineConfig({ process: "rsu", settings });

export type RsuConfig = ConfigOf<typeof settings>;
