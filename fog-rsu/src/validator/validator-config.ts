import { type ConfigOf, type ConfigSchema, defineConfig } from "@voltfog/runtime";

const settings = {
  id: {
    kind: "text",
    pattern: /^[a-z][a-z0-9-]{0,31}$/ as RegExp,
    description: "this validator's id, as in the genesis file",
  },
  genesis: { kind: "path", description: "the consortium's genesis file" },
  key: {
    kind: "path",
    description: "this validator's Ed25519 vote key: a keystore, or PKCS #8 PEM",
  },
  passphraseFile: {
    kind: "text",
    default: "",
    description:
      "file whose first line opens the keystore; empty: VOLTFOG_PASSPHRASE of the environment",
  },
  tlsAuthority: { kind: "path", description: "certificate of the site's authority, PEM" },
  tlsCertificate: { kind: "path", description: "this validator's certificate, PEM" },
  tlsAgency: {
    kind: "text",
    default: "",
    description: "certificate of the agency that made it, PEM; empty: the authority itself did",
  },
  tlsKey: { kind: "path", description: "private key of that certificate, PKCS #8 PEM" },
  tlsRevocations: {
    kind: "text",
    default: "",
    description: "the authority's list of revoked certificates, followed live; empty: none",
  },
  dataDir: { kind: "path", description: "folder of this validator's blocks and votes" },
  host: {
    kind: "text",
    default: "127.0.0.1",
    description: "address that peers, backbone and HTTP connect to",
  },
  p2pPort: {
    kind: "integer",
    default: 8060,
    min: 0,
    max: 65535,
    description: "port for the other validators, mutual TLS; 0 takes a free one",
  },
  backbonePort: {
    kind: "integer",
    default: 8073,
    min: 0,
    max: 65535,
    description: "port for the cloud, HTTPS with mutual TLS; 0 takes a free one",
  },
  httpPort: {
    kind: "integer",
    default: 8070,
    min: 0,
    max: 65535,
    description: "port of the HTTP side for this validator's own unit; 0 takes a free one",
  },
  peers: {
    kind: "list",
    default: [] as readonly string[],
    description:
      "validators to dial, each as id@host:port; those that the chain names with a port are dialled too",
  },
  admission: {
    kind: "text",
    default: "",
    description: "file of the request for a seat, said to the other validators until there is one",
  },
  roundTimeout_ms: {
    kind: "integer",
    default: 1000,
    min: 50,
    max: 60_000,
    unit: "ms",
    description: "how long the first proposer of a height has; doubles with every further round",
  },
  mempoolMax: {
    kind: "integer",
    default: 10_000,
    min: 1,
    max: 1_000_000,
    unit: "transactions",
    description: "transactions that wait for a block at most; further ones are refused",
  },
  blocksKept: {
    kind: "integer",
    default: 0,
    min: 0,
    max: 1_000_000_000,
    unit: "blocks",
    description:
      "newest final blocks that stay on disk; 0: all. Older ones go, but none that the last two snapshots or a reader still need",
  },
  snapshotBehind: {
    kind: "integer",
    default: 5000,
    min: 1,
    max: 1_000_000_000,
    unit: "blocks",
    description:
      "a validator this far behind fetches a snapshot of the state instead of the blocks; one that holds every block goes on with blocks",
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

/** The one schema of the validator's process. */
export const validatorConfig: ConfigSchema<typeof settings> = defineConfig({
  process: "validator",
  settings,
});

export type ValidatorConfig = ConfigOf<typeof settings>;
