import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite } from "./running-site.ts";
import { portOf } from "./site-clients.ts";

/** Stock MQTT clients with files of the site's folder. vitest.config.ts leaves this out where absent. */
const run = promisify(execFile);
const unit = "unit-1";
let site: RunningSite;

beforeAll(async () => {
  site = await startSite("--units", "1", "--vehicles", "1");
  // Held still, so that the vehicle's name is free.
  const fleet = await eventually("a fleet", () => site.pidOf("fleet"));
  process.kill(fleet, "SIGSTOP");
});
afterAll(async () => {
  const fleet = site?.pidOf("fleet");
  if (fleet !== undefined) process.kill(fleet, "SIGCONT");
  await site?.stop();
});

function words(id: string, key: string): readonly string[] {
  const file = (...path: string[]): string => join(site.dataDir, ...path);
  return [
    ...["-h", "localhost", "-p", `${portOf(site, unit, "mqtt")}`, "-i", id],
    ...["--cafile", file("certificates", "ca.crt")],
    ...["--cert", file("certificates", `${id}.crt`), "--key", file("keys", key)],
  ];
}

function publish(topic: string, message: string): Promise<unknown> {
  const vehicle = words("vehicle-01", "vehicle-01.key");
  return run("mosquitto_pub", [...vehicle, "-q", "1", "-t", topic, "-m", message]);
}

test("mosquitto_pub is acknowledged with a vehicle's certificate, and refused under another name", async () => {
  await publish("voltfog/v1/vehicle-01/telemetry", "no frame");
  const response = await fetch(`http://127.0.0.1:${portOf(site, unit, "http")}/v1/status`);
  const { refusals } = (await response.json()) as { refusals: Record<string, number> };
  expect(refusals).toEqual({ FRAME_VERSION_UNKNOWN: 1 });
  const renamed = words("vehicle-01", "vehicle-01.key").map((word, i, all) =>
    all[i - 1] === "-i" ? "vehicle-02" : word,
  );
  const topic = "voltfog/v1/vehicle-02/telemetry";
  const refused = run("mosquitto_pub", [...renamed, "-q", "1", "-t", topic, "-m", "x"]);
  await expect(refused).rejects.toMatchObject({ stderr: expect.stringContaining("authori") });
});

test("mosquitto_sub reads the dead letters with the operator's certificate", async () => {
  const topic = `voltfog/v1/units/${unit}/dead-letter`;
  const operator = words("operator", "operator.tls.key");
  const reader = spawn("mosquitto_sub", [...operator, "-q", "1", "-t", topic, "-C", "1"]);
  let heard = "";
  reader.stdout.on("data", (chunk: Buffer) => {
    heard += chunk.toString();
  });
  const ended = new Promise((resolve) => reader.once("close", resolve));
  // It does not say when it has subscribed, so refusals are made until it has heard one.
  await eventually("a dead letter", async () => {
    await publish("voltfog/v1/vehicle-01/telemetry", "rubbish");
    return reader.exitCode ?? undefined;
  });
  await ended;
  expect(JSON.parse(heard)).toMatchObject({ code: "FRAME_VERSION_UNKNOWN", sender: "vehicle-01" });
});
