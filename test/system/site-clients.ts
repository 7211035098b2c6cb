import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import {
  createHttpClient,
  type HttpAnswer,
  type PeerRole,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import type { RunningSite } from "./running-site.ts";

/** Port of one listener of a running site. */
export function portOf(site: RunningSite, id: string, listener: string): number {
  const port = site.processes.find((process) => process.id === id)?.ports[listener];
  if (port === undefined) throw new Error(`${id} has no port ${listener}`);
  return port;
}

/** The identity of a vehicle or a process, as the site's folder has it. */
export function identityOf(site: RunningSite, id: string): TlsIdentity {
  const read = (...path: string[]): string => readFileSync(join(site.dataDir, ...path), "utf8");
  const key = id.startsWith("vehicle-") ? `${id}.key` : `${id}.tls.key`;
  return {
    authority: read("certificates", "ca.crt"),
    certificate: read("certificates", `${id}.crt`),
    key: read("keys", key),
  };
}

/** The same name, role and key, but certified by an authority that the site does not know. */
export async function forgedIdentity(
  site: RunningSite,
  id: string,
  role: PeerRole,
): Promise<TlsIdentity> {
  const own = identityOf(site, id);
  const now_ms = Date.now();
  const foreign = await CertificateAuthority.create({ name: "foreign", now_ms });
  const publicKey = createPublicKey(own.key);
  return { ...own, certificate: await foreign.issue({ id, role, publicKey }, { now_ms }) };
}

/** A plain MQTT client at a unit; rejects when it is not let in. */
export async function mqttAt(
  site: RunningSite,
  unitId: string,
  options: { identity: TlsIdentity; clientId: string },
): Promise<MqttClient> {
  const { authority: ca, certificate: cert, key } = options.identity;
  const settings: IClientOptions = {
    clientId: options.clientId,
    ca,
    cert,
    key,
    protocolVersion: 4,
    reconnectPeriod: 0,
  };
  const client = connect(`mqtts://localhost:${portOf(site, unitId, "mqtt")}`, settings);
  await new Promise<void>((resolve, reject) => {
    client.once("connect", () => resolve());
    client.on("error", reject);
    client.once("close", () => reject(new Error("closed")));
  });
  return client;
}

/** One GET over the backbone of a process; rejects when the two do not accept each other. */
export async function askBackbone(
  site: RunningSite,
  peerId: string,
  asked: { path: string; identity: TlsIdentity },
): Promise<HttpAnswer> {
  const url = `https://127.0.0.1:${portOf(site, peerId, "backbone")}`;
  const client = createHttpClient({ url, peerId, identity: asked.identity });
  try {
    const signal = AbortSignal.timeout(5000);
    return await client.call({ path: asked.path, signal, bodyMax_bytes: 16_777_216 });
  } finally {
    client.close();
  }
}
