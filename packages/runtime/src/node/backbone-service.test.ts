import { afterEach, expect, test } from "vitest";
import { type Logger, silentLogger } from "../logger.ts";
import { type BackboneService, createBackboneService } from "./backbone-service.ts";
import { CertificateAuthority } from "./certificates/certificate-authority.ts";
import {
  createHttpClient,
  type HttpAnswer,
  type HttpCall,
  type HttpClient,
} from "./http-client.ts";
import { createHttpService } from "./http-service.ts";
import type { PeerRole } from "./tls/peer-identity.ts";
import type { TlsIdentity } from "./tls/tls-identity.ts";

const now_ms = Date.now();
const authority = await CertificateAuthority.create({ name: "site", now_ms });
const foreign = await CertificateAuthority.create({ name: "site", now_ms });
const identityOf = (id: string, role: PeerRole, from = authority): Promise<TlsIdentity> =>
  from.newIdentity({ id, role }, { now_ms });
const unit = await identityOf("unit-1", "unit");
const cloud = await identityOf("cloud", "cloud");

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const access = { "GET /v1/entries": ["cloud"], "PUT /v1/assignment": ["controller"] } as const;

async function serve(logger: Logger = silentLogger): Promise<{ url: string }> {
  const service: BackboneService = createBackboneService({
    host: "127.0.0.1",
    port: 0,
    identity: unit,
    access,
    logger,
  });
  service.app.get("/v1/entries", (_request, reply) => reply.send("x".repeat(100)));
  service.app.put("/v1/assignment", (request) => request.body);
  open.push(service);
  return { url: `https://127.0.0.1:${await service.listen()}` };
}

function client(url: string, identity: TlsIdentity | undefined, peerId = "unit-1"): HttpClient {
  const made = createHttpClient({ url, peerId, identity });
  open.push(made);
  return made;
}

function get(from: HttpClient, more: Partial<HttpCall> = {}): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(5000);
  return from.call({ path: "/v1/entries", signal, bodyMax_bytes: 1000, ...more });
}

test("a peer of the right role is answered, over one connection again and again", async () => {
  const { url } = await serve();
  const from = client(url, cloud);
  for (let i = 0; i < 3; i++) expect((await get(from)).status).toBe(200);
});

test("a peer of another role gets 403 with a code, and that is logged", async () => {
  const lines: string[] = [];
  const warn = (phrase: string, fields?: object): void => {
    lines.push(`${phrase} ${JSON.stringify(fields)}`);
  };
  const { url } = await serve({ ...silentLogger, warn });
  const vehicle = client(url, await identityOf("vehicle-01", "vehicle"));
  const refused = await get(vehicle);
  expect(refused.status).toBe(403);
  expect(JSON.parse(Buffer.from(refused.body).toString())).toEqual({
    code: "ROLE_REFUSED",
    message: "vehicle vehicle-01 may not GET /v1/entries",
  });
  expect(lines).toEqual([
    'access refused {"peer":"vehicle vehicle-01","method":"GET","route":"/v1/entries"}',
  ]);
  expect((await get(vehicle, { path: "/v1/nothing" })).status).toBe(404);
});

test("a body goes out and comes back", async () => {
  const { url } = await serve();
  const controller = client(url, await identityOf("controller", "controller"));
  const body = { type: "application/json", bytes: '{"version":1}' };
  const answer = await get(controller, { path: "/v1/assignment", method: "PUT", body });
  expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([200, '{"version":1}']);
});

test("a certificate of another authority, and none at all, are cut off in the handshake", async () => {
  const { url } = await serve();
  const strange = await identityOf("cloud", "cloud", foreign);
  const lying = { ...strange, authority: authority.certificate };
  await expect(get(client(url, lying))).rejects.toMatchObject({ code: "UNREACHABLE" });
  const nameless = { ...cloud, certificate: "", key: "" };
  await expect(get(client(url, nameless))).rejects.toMatchObject({ code: "UNREACHABLE" });
  await expect(fetch(`${url.replace("https", "http")}/v1/entries`)).rejects.toThrow();
});

test("a client accepts the peer that it means and no other of the same authority", async () => {
  const { url } = await serve();
  await expect(get(client(url, cloud, "unit-2"))).rejects.toMatchObject({
    code: "UNREACHABLE",
    message: expect.stringContaining("unit-2"),
  });
  const strange = await identityOf("cloud", "cloud", foreign);
  await expect(get(client(url, strange))).rejects.toMatchObject({ code: "UNREACHABLE" });
});

test("an answer above the limit and one that does not come in time each have a code", async () => {
  const { url } = await serve();
  const from = client(url, cloud);
  await expect(get(from, { bodyMax_bytes: 99 })).rejects.toMatchObject({ code: "REPLY_TOO_LARGE" });
  const signal = AbortSignal.abort();
  await expect(get(from, { signal })).rejects.toMatchObject({ code: "UNREACHABLE" });
  expect((await get(from)).status).toBe(200);
});

test("over plain HTTP no identity is needed; over HTTPS it is", async () => {
  const service = createHttpService({
    process: "test",
    host: "127.0.0.1",
    port: 0,
    logger: silentLogger,
  });
  open.push(service);
  const url = `http://127.0.0.1:${await service.listen()}`;
  expect((await get(client(url, undefined), { path: "/health" })).status).toBe(200);
  expect(() => client("https://127.0.0.1:1", undefined)).toThrowError(/asks for a certificate/);
});

test("a route without roles cannot be added", () => {
  const service = createBackboneService({
    host: "127.0.0.1",
    port: 0,
    identity: unit,
    access: {},
    logger: silentLogger,
  });
  expect(() => service.app.get("/v1/open", () => "x")).toThrow("GET /v1/open has roles");
});
