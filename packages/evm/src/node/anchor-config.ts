import { type ConfigOf, type ConfigSchema, defineConfig } from "@voltfog/runtime";

const settings = {
  id: {
    kind: "text",
    default: "anchor",
    pattern: /^[a-z][a-z0-9-]{0,31}$/ as RegExp,
    description: "name of this service in logs and metrics",
  },
  genesis: { kind: "path", description: "the consortium's genesis file" },
  validatorUrl: {
    kind: "text",
    default: "http://127.0.0.1:8070",
    pattern: /^https?:\/\/\S+$/ as RegExp,
    description: "HTTP address of a validator; nothing that it says is believed without proof",
  },
  rpcUrl: {
    kind: "text",
    default: "http://127.0.0.1:8545",
    pattern: /^https?:\/\/\S+$/ as RegExp,
    description: "JSON-RPC address of the Ethereum chain",
  },
  contract: {
    kind: "text",
    pattern: /^0x[0-9a-fA-F]{40}$/ as RegExp,
    description: "address of the CheckpointAnchor",
  },
  key: {
    kind: "text",
    default: "",
    description:
      "this validator's anchor key, secp256k1, a keystore or PKCS #8 PEM: it signs; empty: this service only sends",
  },
  keyPassphrase: {
    kind: "text",
    default: "",
    description: "file with the passphrase of keys that are keystores",
  },
  senderKey: {
    kind: "text",
    default: "",
    description:
      "key of the account that pays, secp256k1, a keystore or PKCS #8 PEM: it sends; empty: this service only signs",
  },
  validators: {
    kind: "list",
    default: [] as readonly string[],
    description:
      "anchor addresses of the consortium's validators as they should be; none: as they registered them on the chain",
  },
  signers: {
    kind: "list",
    default: [] as readonly string[],
    description: "services of other validators that sign, as name=https://host:port",
  },
  dataDir: { kind: "path", description: "folder of the journal of sent transactions" },
  host: {
    kind: "text",
    default: "127.0.0.1",
    description: "address to listen on; without certificates only this machine's own",
  },
  httpPort: {
    kind: "integer",
    default: 8075,
    min: 0,
    max: 65535,
    description: "port of health, metrics and status, on this machine only; 0 takes a free one",
  },
  signPort: {
    kind: "integer",
    default: 8076,
    min: 0,
    max: 65535,
    description:
      "port where other services ask for signatures, mutual TLS, taken only with certificates",
  },
  tlsAuthority: {
    kind: "text",
    default: "",
    description: "certificate of the authority, PEM; empty: no certificates",
  },
  tlsCertificate: { kind: "text", default: "", description: "this service's certificate, PEM" },
  tlsKey: {
    kind: "text",
    default: "",
    description: "private key of that certificate, PKCS #8 PEM",
  },
  tlsRevocations: {
    kind: "text",
    default: "",
    description: "the authority's list of revoked certificates, followed live; empty: none",
  },
  interval_ms: {
    kind: "integer",
    default: 60_000,
    min: 100,
    max: 86_400_000,
    unit: "ms",
    description: "least time between two anchors",
  },
  poll_ms: {
    kind: "integer",
    default: 2000,
    min: 50,
    max: 600_000,
    unit: "ms",
    description: "time between two looks at both chains",
  },
  confirmations: {
    kind: "integer",
    default: 12,
    min: 1,
    max: 10_000,
    unit: "blocks",
    description:
      "depth, its own block included, at which an anchor is final; a reorganisation up to there is survived",
  },
  bumpAfter_ms: {
    kind: "integer",
    default: 60_000,
    min: 100,
    max: 86_400_000,
    unit: "ms",
    description: "time in no block after which a transaction offers more",
  },
  feeMax: {
    kind: "number",
    default: 200,
    min: 0.001,
    max: 1_000_000,
    unit: "gwei",
    description: "most that a transaction ever offers per unit of gas",
  },
  logLevel: {
    kind: "text",
    default: "info",
    pattern: /^(error|warn|info|debug)$/ as RegExp,
    description: "error, warn, info or debug",
  },
} as const;

/** The one schema of the anchor service. */
export const anchorConfig: ConfigSchema<typeof settings> = defineConfig({
  process: "anchor",
  settings,
});

export type AnchorConfig = ConfigOf<typeof settings>;
