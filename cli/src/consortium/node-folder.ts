import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { type ValidatorConfig, validatorConfig } from "@voltfog/fog-rsu";
import { replaceFileSync } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readJsonObject } from "../input-file.ts";

/** Where everything of one validator's node lies; the folder can be moved as a whole. */
export interface NodePaths {
  readonly root: string;
  readonly config: string;
  readonly genesis: string;
  readonly logConf: string;
  /** Certificates of consortium, agency and node, the node's TLS key, its blocks and its votes. */
  readonly data: string;
  readonly authority: string;
  readonly agency: string;
  readonly certificate: string;
  readonly tlsKey: string;
  readonly bootstrap: string;
  /** The request for a seat; missing for a validator of the genesis file. */
  readonly admission: string;
  readonly voteKey: string;
  readonly anchorKey: string;
  readonly logs: string;
  /** Held by the process that runs the node. */
  readonly lock: string;
  /** Lies here once the node has left its consortium; its systemd unit looks for it too. */
  readonly left: string;
}

export function nodePaths(folder: string): NodePaths {
  const root = resolve(folder);
  const data = join(root, "data");
  return {
    root,
    config: join(root, "config.json"),
    genesis: join(root, "genesis.json"),
    logConf: join(root, "log.conf"),
    data,
    authority: join(data, "ca.crt"),
    agency: join(data, "agency.crt"),
    certificate: join(data, "node.crt"),
    tlsKey: join(data, "node.key"),
    bootstrap: join(data, "bootstrapnodes.json"),
    admission: join(data, "admission"),
    voteKey: join(root, "keystore", "vote.json"),
    anchorKey: join(root, "keystore", "anchor.json"),
    logs: join(root, "log"),
    lock: join(root, "node.lock"),
    left: join(root, "LEFT"),
  };
}

/** What config.json says beside the validator's own settings. */
export interface NodeSettings {
  readonly id: string;
  readonly organisation: string;
  /** Where the other validators reach it, host:port. */
  readonly endpoint: string;
}

export interface LogSettings {
  readonly level: "error" | "warn" | "info" | "debug";
  /** Folder of the log's files; from the node's folder where it is relative. */
  readonly folder: string;
  readonly fileMax_bytes: number;
  readonly filesKept: number;
}

const defaultLog: LogSettings = {
  level: "info",
  folder: "log",
  fileMax_bytes: 16_777_216,
  filesKept: 8,
};

/** NODE_UNKNOWN where the folder holds none. */
export function readNodeSettings(paths: NodePaths): NodeSettings {
  if (!existsSync(paths.config)) {
    throw complaint({
      code: "NODE_UNKNOWN",
      what: `${paths.root} holds no node`,
      remedy: "make one with voltfog validator init or voltfog consortium init",
    });
  }
  const { id, organisation, endpoint } = readJsonObject(paths.config);
  if (typeof id === "string" && typeof organisation === "string" && typeof endpoint === "string") {
    return { id, organisation, endpoint };
  }
  throw complaint({
    code: "NODE_DAMAGED",
    what: `${paths.config} does not say id, organisation and endpoint`,
    remedy: "put the file back, or make the node anew",
  });
}

/** The settings of the node's validator: config.json, and what the folder's layout fixes. */
export function readNodeConfig(
  paths: NodePaths,
  environment: Readonly<Record<string, string | undefined>>,
): ValidatorConfig {
  readNodeSettings(paths);
  const {
    organisation: _,
    endpoint: __,
    passphraseFile = "",
    ...own
  } = readJsonObject(paths.config);
  const passphrase = String(passphraseFile);
  const fixed = {
    genesis: paths.genesis,
    key: paths.voteKey,
    passphraseFile:
      passphrase === "" || isAbsolute(passphrase) ? passphrase : join(paths.root, passphrase),
    tlsAuthority: paths.authority,
    tlsCertificate: paths.certificate,
    tlsAgency: paths.agency,
    tlsKey: paths.tlsKey,
    dataDir: paths.data,
    peers: readBootstrap(paths),
    admission: existsSync(paths.admission) ? paths.admission : "",
    logLevel: readLogSettings(paths).level,
  };
  const parsed = validatorConfig.parse({ file: { ...own, ...fixed }, environment, flags: {} });
  if (parsed.ok) return parsed.value;
  throw complaint({
    code: parsed.problem.code,
    what: `${paths.config}: ${parsed.problem.detail}`,
    remedy: "correct the file; voltfog validator --help lists the settings",
  });
}

/** Validators to dial first, each as id@host:port. */
export function readBootstrap(paths: NodePaths): readonly string[] {
  if (!existsSync(paths.bootstrap)) return [];
  const { nodes } = readJsonObject(paths.bootstrap);
  if (Array.isArray(nodes) && nodes.every((one) => typeof one === "string")) return nodes;
  throw complaint({
    code: "NODE_DAMAGED",
    what: `${paths.bootstrap} holds no list "nodes" of id@host:port`,
    remedy: "correct the file, or copy it from another node of the consortium",
  });
}

export function readLogSettings(paths: NodePaths): LogSettings {
  if (!existsSync(paths.logConf)) return defaultLog;
  const settings = { ...defaultLog, ...readJsonObject(paths.logConf) };
  const isSound =
    ["error", "warn", "info", "debug"].includes(settings.level) &&
    typeof settings.folder === "string" &&
    Number.isInteger(settings.fileMax_bytes) &&
    settings.fileMax_bytes >= 65_536 &&
    Number.isInteger(settings.filesKept) &&
    settings.filesKept >= 1 &&
    settings.filesKept <= 1000;
  if (isSound) return settings;
  throw complaint({
    code: "NODE_DAMAGED",
    what: `${paths.logConf} does not hold level, folder, fileMax_bytes and filesKept`,
    remedy: "correct the file, or remove it for the defaults",
  });
}

/** What a new node's folder is made of, beside its keys. */
export interface NodeContent extends NodeSettings {
  readonly host: string;
  readonly ports: { readonly p2p: number; readonly backbone: number; readonly http: number };
  readonly passphraseFile: string;
  readonly genesis: Uint8Array;
  readonly authority: string;
  readonly agency: string;
  readonly certificate: string;
  readonly tlsKey: string;
  readonly bootstrap: readonly string[];
}

/** Writes the folder; config.json comes last, so that a folder with it is whole. */
export function writeNodeFolder(paths: NodePaths, node: NodeContent): void {
  const { id, organisation, endpoint, host, ports, passphraseFile } = node;
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  replaceFileSync(paths.genesis, node.genesis);
  replaceFileSync(paths.authority, node.authority);
  replaceFileSync(paths.agency, node.agency);
  replaceFileSync(paths.certificate, node.certificate);
  replaceFileSync(paths.tlsKey, node.tlsKey, { mode: 0o600 });
  replaceFileSync(paths.bootstrap, json({ nodes: node.bootstrap }));
  replaceFileSync(paths.logConf, json(defaultLog));
  const config = {
    id,
    organisation,
    endpoint,
    host,
    p2pPort: ports.p2p,
    backbonePort: ports.backbone,
    httpPort: ports.http,
    passphraseFile,
  };
  replaceFileSync(paths.config, json(config));
}

/** The genesis file of a node, as bytes. */
export function readNodeGenesis(paths: NodePaths): Uint8Array {
  return new Uint8Array(readFileSync(paths.genesis));
}
