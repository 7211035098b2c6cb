import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";
import { keyIdOf, sealFrame, upTopic } from "@voltfog/messages";
import type { VehicleId } from "@voltfog/runtime";
import { loadSigningKey, nodeCrypto } from "@voltfog/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite, voltfogMain } from "./running-site.ts";
import { mqttAt, portOf } from "./site-clients.ts";

const run = promisify(execFile);
const vehicle = "vehicle-77" as VehicleId;
let site: RunningSite;
let registrar: ChildProcess;
let said = "";
let url: string;

const voltfog = (...args: string[]) => run(process.execPath, [voltfogMain, ...args]);
const out = (name: string): string => `${site.dataDir}-${name}`;
const request = (token: string, name: string) =>
  voltfog(
    ...["enrol", "request", "--url", url, "--token", token, "--out", out(name)],
    ...["--authority", join(site.dataDir, "certificates", "ca.crt")],
  );

beforeAll(async () => {
  site = await startSite("--units", "1", "--vehicles", "1");
  registrar = spawn(process.execPath, [voltfogMain, "enrol", "serve", "--data", site.dataDir]);
  registrar.stdout?.on("data", (part) => {
    said += String(part);
  });
  url = await eventually("the registrar to listen", async () => /https:\S+?(?=;)/.exec(said)?.[0]);
});
afterAll(async () => {
  registrar?.kill("SIGINT");
  for (const name of ["refused", "vehicle", "again"])
    rmSync(out(name), { recursive: true, force: true });
  await site?.stop();
});

async function tokenFor(...more: string[]): Promise<string> {
  const made = await voltfog(
    ...["enrol", "token", "--vehicle", vehicle, "--data", site.dataDir, "--json", ...more],
  );
  return (JSON.parse(made.stdout) as { token: string }).token;
}

async function accepted(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${portOf(site, "unit-1", "http")}/v1/status`);
  return ((await response.json()) as { log: { size: number } }).log.size;
}

test("an expired, a wrong and an empty token enrol nobody", async () => {
  const expired = await tokenFor("--valid", "1ms");
  for (const [token, code] of [
    [expired, "TOKEN_EXPIRED"],
    ["vfe_00", "TOKEN_UNKNOWN"],
    ["", "TOKEN_UNKNOWN"],
  ] as const) {
    await expect(request(token, "refused")).rejects.toMatchObject({
      stderr: expect.stringContaining(code),
    });
  }
});

test("a new vehicle enrols once with its token, is let in, heard, and known to the chain", async () => {
  const token = await tokenFor();
  await request(token, "vehicle");
  await eventually("the chain to know it", async () => /on the chain by/.exec(said)?.[0]);
  const read = (name: string): string => readFileSync(join(out("vehicle"), name), "utf8");
  const identity = {
    authority: read("ca.crt"),
    certificate: read("device.crt"),
    key: read("device.key"),
  };
  const client = await eventually("the unit to let it in", () =>
    mqttAt(site, "unit-1", { clientId: vehicle, identity }).catch(() => undefined),
  );
  const before = await accepted();
  await client.publishAsync(upTopic(vehicle, "telemetry"), frame(), { qos: 1 });
  expect(await accepted()).toBeGreaterThan(before);
  await client.endAsync(true);

  await expect(request(token, "again")).rejects.toMatchObject({
    stderr: expect.stringContaining("TOKEN_UNKNOWN"),
  });
  await expect(tokenFor()).rejects.toMatchObject({
    stderr: expect.stringContaining("enrolled already"),
  });
});

test("rubbish is answered with a code, and the registrar goes on", async () => {
  const send = async (body: string): Promise<string> => {
    const { code } = JSON.parse(await post(new URL("/v1/enrolments", url), body)) as {
      code: string;
    };
    return code;
  };
  const token = "vfe_00";
  expect(await send("{")).toBe("BODY_INVALID");
  expect(await send("x".repeat(20_000))).toBe("BODY_INVALID");
  expect(await send(JSON.stringify({ token, csr: "no request" }))).toBe("CSR_INVALID");
  expect(await send(JSON.stringify({ token: 7, csr: null }))).toBe("BODY_INVALID");
});

function post(to: URL, body: string): Promise<string> {
  const ca = readFileSync(join(site.dataDir, "certificates", "ca.crt"));
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(to, { method: "POST", ca, servername: "registrar" }, (response) => {
      let text = "";
      response.on("data", (part) => {
        text += String(part);
      });
      response.on("end", () => resolve(text));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function frame(): Buffer {
  const signer = loadSigningKey(join(out("vehicle"), "device.key"));
  const now_ms = Date.now();
  return Buffer.from(
    sealFrame({
      header: {
        vehicleId: vehicle,
        keyId: keyIdOf({ publicKey: signer.publicKey, crypto: nodeCrypto }),
        boot: 1,
        stream: "telemetry",
        sequence: 1,
        previous: new Uint8Array(32),
        salt: new Uint8Array(16),
        wall_ms: now_ms,
        monotonic_ms: 1,
        clockQuality: "unknown",
      },
      payload: {
        type: "telemetry",
        origin: "simulated",
        source: "a test",
        samples: [
          {
            wall_ms: now_ms,
            monotonic_ms: 1,
            packVoltage_V: 14.8,
            packCurrent_A: -2,
            soc: 0.6,
            cellVoltage_mV: Uint16Array.of(3700, 3701, 3699, 3700),
            temperature_degC: Float32Array.of(25, 25.5),
          },
        ],
      },
      signer,
    }),
  );
}
