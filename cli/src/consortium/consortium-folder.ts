import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Genesis, parseGenesis } from "@voltfog/ledger";
import { utf8 } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { nodeCrypto, replaceFileSync } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readInputFile, readJsonObject } from "../input-file.ts";

/** What the founder keeps. The two kinds of keys in it are secret. */
export interface ConsortiumPaths {
  readonly root: string;
  /** What every member and joiner needs, and nobody must keep secret. */
  readonly public: string;
  readonly authority: string;
  readonly authorityKey: string;
  readonly agencies: string;
  readonly nodes: string;
}

export function consortiumPaths(folder: string): ConsortiumPaths {
  const root = resolve(folder);
  return {
    root,
    public: join(root, "consortium.json"),
    authority: join(root, "ca.crt"),
    authorityKey: join(root, "ca.key"),
    agencies: join(root, "agencies"),
    nodes: join(root, "nodes"),
  };
}

/** The consortium file: one file that a joiner is given. */
export interface ConsortiumFile {
  readonly genesis: Genesis;
  /** Certificate of the consortium's authority, PEM. */
  readonly authority: string;
  /** Validators to dial first, each as id@host:port. */
  readonly bootstrap: readonly string[];
}

export function writeConsortiumFile(path: string, file: ConsortiumFile): void {
  const { genesis, authority, bootstrap } = file;
  const text = new TextDecoder().decode(genesis.bytes);
  const content = { version: 1, chain: genesis.chain, bootstrap, authority, genesis: text };
  replaceFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}

/** CONSORTIUM_FILE_INVALID where the file is none. */
export function readConsortiumFile(path: string): ConsortiumFile {
  const { version, genesis, authority, bootstrap } = readJsonObject(path);
  const parsed = typeof genesis === "string" ? parseGenesis(utf8(genesis), nodeCrypto) : undefined;
  const isList = Array.isArray(bootstrap) && bootstrap.every((one) => typeof one === "string");
  if (version === 1 && parsed?.ok && typeof authority === "string" && isList) {
    return { genesis: parsed.value, authority, bootstrap };
  }
  throw complaint({
    code: "CONSORTIUM_FILE_INVALID",
    what: `${path} is no consortium file of version 1`,
    remedy: "ask a member for consortium.json of the consortium's folder",
  });
}

/** An organisation's agency folder: agency.crt and agency.key. AGENCY_UNKNOWN, AUTHORITY_INVALID. */
export function openAgency(folder: string): Promise<CertificateAuthority> {
  const [certificate, key] = ["agency.crt", "agency.key"].map((name) => join(folder, name));
  if (
    certificate === undefined ||
    key === undefined ||
    !existsSync(certificate) ||
    !existsSync(key)
  ) {
    throw complaint({
      code: "AGENCY_UNKNOWN",
      what: `${folder} does not hold agency.crt and agency.key`,
      remedy: "name the folder of your organisation's agency",
    });
  }
  return CertificateAuthority.open({
    certificate: readFileSync(certificate, "utf8"),
    key: readFileSync(key, "utf8"),
  });
}

/** The founder's authority. FILE_UNREADABLE, AUTHORITY_INVALID. */
export function openConsortiumAuthority(paths: ConsortiumPaths): Promise<CertificateAuthority> {
  const text = (path: string): string => new TextDecoder().decode(readInputFile(path));
  return CertificateAuthority.open({
    certificate: text(paths.authority),
    key: text(paths.authorityKey),
  });
}
