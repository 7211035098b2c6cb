import { SeededRandom, vehicleId } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { createHttpClient, systemClock, type TlsIdentity } from "@voltfog/runtime/node";
import { sharedTime_ms } from "../measure/shared-time.ts";
import { brokerId } from "../mqtt/mqtt-connection.ts";
import { answerRequests } from "../processes/answer-requests.ts";
import type { PriorityReply, PriorityRequest } from "./priority-messages.ts";
import { PriorityVehicle } from "./priority-vehicle.ts";

/** How long what is under way at the end of a load may take to be acknowledged. */
const settle_ms = 5000;
const step_ms = 1;

/** Whose word requests to the unit are. */
const own = { term: 1, controllerId: "controller" };

let vehicles: readonly PriorityVehicle[] = [];
let controller: TlsIdentity | undefined;
let random = new SeededRandom(1);

type Asked<K extends PriorityRequest["kind"]> = Extract<PriorityRequest, { kind: K }>;

async function prepare(request: Asked<"prepare">): Promise<PriorityReply> {
  const authority = await CertificateAuthority.open(request.authority);
  const now_ms = systemClock.wall_ms();
  random = new SeededRandom(request.seed);
  controller = await authority.newIdentity({ id: "controller", role: "controller" }, { now_ms });
  vehicles = await Promise.all(
    request.vehicles.map((name, i) => {
      const id = vehicleId(name);
      if (id === undefined) throw new Error(`${name} is no vehicle id`);
      const { start_ms } = request;
      return PriorityVehicle.enrol({ id, seed: request.seed + i, start_ms, authority, now_ms });
    }),
  );
  return { kind: "prepared", devices: vehicles.map(({ id, key }) => ({ id, key })) };
}

function make({ framesPerVehicle }: Asked<"make">): PriorityReply {
  const bytes = vehicles.reduce((sum, vehicle) => sum + vehicle.make(framesPerVehicle), 0);
  return { kind: "made", frame_bytes: bytes / vehicles.length };
}

/** Offers frames and alerts at random moments, whether or not the link keeps up. */
async function load(request: Asked<"load">): Promise<PriorityReply> {
  const alerts_ms: number[] = [];
  const telemetry_ms: number[] = [];
  const start_ms = sharedTime_ms();
  const counts = (): boolean => sharedTime_ms() - start_ms > request.warmUp_ms;
  for (const vehicle of vehicles) {
    void vehicle.listen({
      telemetry: (took_ms) => counts() && telemetry_ms.push(took_ms),
      alert: (took_ms) => counts() && alerts_ms.push(took_ms),
    });
  }
  const sent = { frames: 0, alerts: 0 };
  const next = {
    frame_ms: pause_ms(request.frameRate_Hz),
    alert_ms: pause_ms(request.alertRate_Hz),
  };
  for (let now_ms = 0; now_ms < request.duration_ms; now_ms = sharedTime_ms() - start_ms) {
    while (next.frame_ms <= now_ms) {
      if (pick().sendFrame()) sent.frames += 1;
      next.frame_ms += pause_ms(request.frameRate_Hz);
    }
    while (next.alert_ms <= now_ms) {
      pick().sendAlarm();
      sent.alerts += 1;
      next.alert_ms += pause_ms(request.alertRate_Hz);
    }
    await pause(step_ms);
  }
  const duration_ms = sharedTime_ms() - start_ms;
  const missing = (): number => vehicles.reduce((sum, one) => sum + one.unacknowledged, 0);
  for (let waited_ms = 0; missing() > 0 && waited_ms < settle_ms; waited_ms += 10) await pause(10);
  return {
    kind: "loaded",
    alerts_ms: Float64Array.from(alerts_ms),
    telemetry_ms: Float64Array.from(telemetry_ms),
    duration_ms,
    sent,
    unacknowledged: missing(),
  };
}

async function functionsOff({ backboneUrl }: Asked<"functions-off">): Promise<PriorityReply> {
  await asController(backboneUrl, (put) =>
    put("/v1/assignment", { ...own, version: 1, functions: [] }),
  );
  return { kind: "done" };
}

/** The controller quarantines one vehicle that is connected; then lets it back in. */
async function quarantine({ backboneUrl, version }: Asked<"quarantine">): Promise<PriorityReply> {
  const [vehicle] = vehicles;
  if (vehicle === undefined) throw new Error("nothing is prepared");
  let took_ms = 0;
  await asController(backboneUrl, async (put) => {
    const tell = (rows: readonly object[], add: number): Promise<void> =>
      put("/v1/policies", {
        ...{ ...own, version: version + add },
        ...{ limits: [], quarantine: rows, deny: [] },
      });
    await tell([], 0); // So that the connection to the unit is there, as a controller's is.
    const cut = vehicle.listen({ telemetry: () => {}, alert: () => {} });
    const start_ms = sharedTime_ms();
    const told = tell([{ vehicleId: vehicle.id, since_ms: 1, reason: "a bench" }], 1);
    await cut;
    took_ms = sharedTime_ms() - start_ms;
    await told;
    await tell([], 2);
  });
  return { kind: "cut", took_ms };
}

async function asController(
  url: string,
  work: (put: (path: string, body: object) => Promise<void>) => Promise<void>,
): Promise<void> {
  if (controller === undefined) throw new Error("nothing is prepared");
  const client = createHttpClient({ url, peerId: brokerId, identity: controller });
  try {
    await work(async (path, content) => {
      const body = { type: "application/json", bytes: JSON.stringify(content) };
      const signal = AbortSignal.timeout(settle_ms);
      const asked = { path, method: "PUT", body, signal, bodyMax_bytes: 65_536 } as const;
      const { status } = await client.call(asked);
      if (status !== 204) throw new Error(`the unit answered ${status} to ${path}`);
    });
  } finally {
    client.close();
  }
}

function pick(): PriorityVehicle {
  const vehicle = vehicles[Math.floor(random.uniform() * vehicles.length)];
  if (vehicle === undefined) throw new Error("nothing is prepared");
  return vehicle;
}

/** Time to the next event of a Poisson process. */
function pause_ms(rate_Hz: number): number {
  return (-Math.log(1 - random.uniform()) * 1000) / rate_Hz;
}

function pause(time_ms: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after(time_ms, resolve);
  });
}

answerRequests<PriorityRequest, PriorityReply>(async (request) => {
  switch (request.kind) {
    case "prepare":
      return await prepare(request);
    case "make":
      return make(request);
    case "connect":
      for (const vehicle of vehicles.slice(0, request.vehicles)) await vehicle.connect(request);
      return { kind: "connected" };
    case "load":
      return await load(request);
    case "quarantine":
      return await quarantine(request);
    case "functions-off":
      return await functionsOff(request);
    case "close":
      for (const vehicle of vehicles) vehicle.close();
      return { kind: "closed" };
  }
});
