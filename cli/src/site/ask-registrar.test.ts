import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { systemClock } from "@voltfog/runtime/node";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { askRegistrar } from "./ask-registrar.ts";

let authority: CertificateAuthority;
let server: Server;
let answer: { status: number; text: string };

beforeAll(async () => {
  const now_ms = systemClock.wall_ms();
  authority = await CertificateAuthority.create({ name: "test", now_ms });
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const names = { dnsNames: ["registrar"], ipAddresses: ["127.0.0.1"] };
  const cert = await authority.issue(
    { id: "registrar", role: "controller", publicKey, ...names },
    { now_ms },
  );
  const key = privateKey.export({ format: "pem", type: "pkcs8" });
  server = createServer({ cert, key }, (_request, response) => {
    response.writeHead(answer.status);
    response.end(answer.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function ask(status: number, text: string): Promise<Readonly<Record<string, string>>> {
  answer = { status, text };
  const { port } = server.address() as AddressInfo;
  return askRegistrar(
    "/v1/enrolments",
    { url: `https://127.0.0.1:${port}`, authority: authority.certificate, body: {} },
    { code: "ENROLMENT_REFUSED", remedy: "ask the operator" },
  );
}

it("gives what the registrar says, and its refusal under the asker's code", async () => {
  expect(await ask(201, '{"certificate":"c"}')).toEqual({ certificate: "c" });
  const refusal = ask(422, '{"code":"TOKEN_UNKNOWN","message":"opens nothing"}');
  await expect(refusal).rejects.toMatchObject({ code: "ENROLMENT_REFUSED" });
  await expect(refusal).rejects.toThrow("TOKEN_UNKNOWN: opens nothing");
});

it("takes nothing for a registrar's answer that is none", async () => {
  const none = { code: "REGISTRAR_UNREACHABLE" };
  for (const text of ["", "<html>", "null", "[]", "{}", '{"certificate":7}', '{"certificate":']) {
    await expect(ask(201, text), text).rejects.toMatchObject(none);
  }
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
      await expect(ask(201, text)).rejects.toMatchObject(none);
    }),
    { numRuns: 30 },
  );
  await expect(ask(404, "not found")).rejects.toMatchObject(none);
});

it("tells nothing to who is not of the site's authority", async () => {
  const other = await CertificateAuthority.create({ name: "x", now_ms: systemClock.wall_ms() });
  const { port } = server.address() as AddressInfo;
  const asked = { url: `https://127.0.0.1:${port}`, authority: other.certificate, body: {} };
  await expect(
    askRegistrar("/v1/rotations", asked, { code: "ROTATION_REFUSED", remedy: "" }),
  ).rejects.toMatchObject({ code: "REGISTRAR_UNREACHABLE" });
});
