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
