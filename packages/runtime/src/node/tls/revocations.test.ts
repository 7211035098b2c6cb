import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer, type Server, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../logger.ts";
import { createBackboneService } from "../backbone-service.ts";
import { CertificateAuthority } from "../certificates/certificate-authority.ts";
import { replaceFileSync } from "../files.ts";
import { createHttpClient } from "../http-client.ts";
import { serialOf } from "./revocation-list.ts";
import { Revocations } from "./revocations.ts";
import { clientTls, serverTls, type TlsIdentity } from "./tls-identity.ts";

const now_ms = Date.now();
const authority = await CertificateAuthority.create({ name: "site", now_ms });
const [unit, cloud, other] = await Promise.all([
  authority.newIdentity({ id: "unit-1", role: "unit" }, { now_ms }),
  authority.newIdentity({ id: "cloud", role: "cloud" }, { now_ms }),
  authority.newIdentity({ id: "unit-2", role: "unit" }, { now_ms }),
]);

let folder: string;
let path: string;
let server: Server;
let port: number;
let accepted: TLSSocket[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-crl-"));
  path = join(folder, "ca.crl");
  accepted = [];
  await revoke();
});
afterEach(() => {
  server?.close();
  rmSync(folder, { recursive: true });
});

async function revoke(...identities: TlsIdentity[]): Promise<void> {
  const revoked = identities.map(({ certificate }) => ({
    serial: serialOf(new X509Certificate(certificate)),
    at_ms: now_ms,
  }));
  replaceFileSync(path, await authority.revocationList({ revoked, now_ms }));
}

function following(identity: TlsIdentity): TlsIdentity {
  const { certificate } = authority;
  const options = { path, authority: certificate, logger: silentLogger };
  return { ...identity, revocations: new Revocations(options) };
}

async function serve(identity: TlsIdentity): Promise<void> {
  server = createServer(serverTls(identity), (socket) => {
    accepted.push(socket);
    socket.on("error", () => {}).write("hello");
  });
  identity.revocations?.guardServer(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
}

/** A connection that has heard the server; rejects with what ended it before. */
function dial(identity: TlsIdentity, peerId = "unit-1"): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", ...clientTls(identity, peerId) });
    socket.once("data", () => resolve(socket));
    socket.on("error", reject);
    socket.once("close", () => reject(new Error("closed")));
  });
}

test("a connection that stands is cut when its peer is revoked, and others go on", async () => {
  await serve(following(unit));
  const [revoked, kept] = [await dial(cloud), await dial(other)];
  const closed = once(revoked, "close");
  await revoke(cloud);
  await closed;
  expect(kept.destroyed).toBe(false);
  kept.destroy();
});

test("a new connection of a revoked peer is known at once and cut soon", async () => {
  const identity = following(unit);
  await serve(identity);
  await revoke(cloud);
  const socket = await dial(cloud);
  expect(accepted.map((one) => identity.revocations?.isRevoked(one))).toEqual([true]);
  await once(socket, "close");
});

test("a client leaves a server that is revoked, and dials it no more", async () => {
  await serve(unit);
  const own = following(cloud);
  const socket = await dial(own);
  own.revocations?.guard(socket);
  const ended = once(socket, "close");
  await revoke(unit);
  await expect(ended).rejects.toThrow("the certificate of unit-1 is revoked");
  await expect(dial(own)).rejects.toThrow(/certificate revoked/i);
});

test("calls over kept connections end, too, at either end", async () => {
  const identity = following(unit);
  const service = createBackboneService({
    host: "127.0.0.1",
    port: 0,
    identity,
    access: { "GET /v1/x": ["cloud"] },
    logger: silentLogger,
  });
  service.app.get("/v1/x", async () => ({}));
  const url = `https://127.0.0.1:${await service.listen()}`;
  const client = createHttpClient({ url, peerId: "unit-1", identity: cloud });
  const wary = createHttpClient({ url, peerId: "unit-1", identity: following(cloud) });
  const call = { path: "/v1/x", bodyMax_bytes: 100, signal: AbortSignal.timeout(20_000) };
  const answers = [await client.call(call), await wary.call(call)];
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  await revoke(unit);
  const untilLeft = async (): Promise<never> => {
    for (;;) await wary.call(call);
  };
  await expect(untilLeft()).rejects.toMatchObject({ code: "UNREACHABLE" });
  await revoke(cloud);
  // One call may still find the old connection's end; the next says why.
  const answer = await client.call(call).catch(() => client.call(call));
  const { code } = JSON.parse(new TextDecoder().decode(answer.body)) as { code: string };
  expect([answer.status, code]).toEqual([403, "CERTIFICATE_REVOKED"]);
  client.close();
  wary.close();
  await service.close();
});

test("a damaged or foreign list changes nothing while it runs, and is refused at the start", async () => {
  await revoke(cloud);
  const identity = following(unit);
  await serve(identity);
  const stranger = await CertificateAuthority.create({ name: "site", now_ms });
  const isStillRevoked = async (): Promise<boolean | undefined> => {
    const socket = await dial(cloud);
    socket.destroy();
    return identity.revocations?.isRevoked(accepted.at(-1) as TLSSocket);
  };
  for (const text of ["rubbish", await stranger.revocationList({ revoked: [], now_ms })]) {
    writeFileSync(path, text);
    expect(() => following(unit)).toThrowError(expect.objectContaining({ code: "CRL_INVALID" }));
    expect(await isStillRevoked()).toBe(true);
  }
  rmSync(path);
  expect(await isStillRevoked()).toBe(true);
  // Without a file nobody is revoked, when it starts so.
  expect(following(unit).revocations?.pem).toBeUndefined();
});
