import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import type { CertificateAuthority } from "@voltfog/runtime/certificates";
import { complaint } from "../complaint.ts";
import { type NodeContent, type NodePaths, writeNodeFolder } from "./node-folder.ts";
import { createNodeKeys, type NodeKeys } from "./node-keys.ts";

export interface NewNode extends Omit<NodeContent, "certificate" | "tlsKey" | "agency"> {
  readonly agency: CertificateAuthority;
  readonly passphrase: string;
  readonly now_ms: number;
}

/** NODE_EXISTS where the folder holds anything: keys are never written over. */
export function requireEmpty(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw complaint({
    code: "NODE_EXISTS",
    what: `${folder} is not empty`,
    remedy: "name a new folder; a node's keys are never written over",
  });
}

/** A certificate of the organisation's agency for a new TLS key, and that key, both PEM. */
export async function certifyNode(options: {
  agency: CertificateAuthority;
  id: string;
  organisation: string;
  hosts: readonly string[];
  now_ms: number;
}): Promise<{ certificate: string; key: string }> {
  const { agency, id, organisation, now_ms } = options;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const isAddress = (host: string): boolean => /^[0-9.]+$|:/.test(host);
  const subject = {
    id,
    role: "validator",
    organisation,
    publicKey,
    dnsNames: ["localhost", ...options.hosts.filter((host) => !isAddress(host))],
    ipAddresses: [...new Set(["127.0.0.1", ...options.hosts.filter(isAddress)])],
  } as const;
  const certificate = await agency.issue(subject, { now_ms });
  return { certificate, key: pemOf(privateKey) };
}

/** Makes the folder of a new node with keys of its own. */
export async function createNode(paths: NodePaths, node: NewNode): Promise<NodeKeys> {
  requireEmpty(paths.root);
  const { agency, passphrase, now_ms, ...content } = node;
  const keys = createNodeKeys(paths, passphrase);
  const { certificate, key } = await certifyNode({
    agency,
    id: node.id,
    organisation: node.organisation,
    hosts: [node.endpoint.replace(/:\d+$/, "").replace(/^\[|\]$/g, "")],
    now_ms,
  });
  writeNodeFolder(paths, { ...content, agency: agency.certificate, certificate, tlsKey: key });
  return keys;
}

export function pemOf(key: KeyObject): string {
  return key.export({ format: "pem", type: "pkcs8" }).toString();
}
