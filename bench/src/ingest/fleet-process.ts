import { vehicleId } from "@voltfog/runtime";
import { CertificateAuthority } from "@voltfog/runtime/certificates";
import { systemClock } from "@voltfog/runtime/node";
import { answerRequests } from "../processes/answer-requests.ts";
import type { Device, FleetReply, FleetRequest } from "./fleet-messages.ts";
import { FrameMaker } from "./signed-frames.ts";
import { VehicleClient } from "./vehicle-client.ts";

/** Plays a part of the fleet: makes all frames before any clock runs, then sends them as asked. */
let clients: readonly VehicleClient[] = [];

async function prepare(request: FleetRequest & { kind: "prepare" }): Promise<FleetReply> {
  const devices: Device[] = [];
  clients = request.vehicles.map((name, i) => {
    const id = vehicleId(name);
    if (id === undefined) throw new Error(`${name} is no vehicle id`);
    const maker = new FrameMaker({ id, seed: request.seed + i, start_ms: request.start_ms });
    devices.push({ id, key: Buffer.from(maker.signer.publicKey).toString("hex") });
    return new VehicleClient({ maker, frames: request.framesPerVehicle });
  });
  const authority = await CertificateAuthority.open(request.authority);
  const now_ms = systemClock.wall_ms();
  for (const client of clients) await client.enrol(authority, { now_ms });
  const payload_bytes = clients.reduce((sum, client) => sum + client.payload_bytes, 0);
  return { kind: "prepared", devices, payload_bytes };
}

async function send(request: FleetRequest & { kind: "send" }): Promise<FleetReply> {
  const vehicles = await Promise.all(clients.map((client) => client.sendAll(request)));
  return {
    kind: "sent",
    vehicles,
    receipts: clients.reduce((sum, { receipts }) => sum + receipts, 0),
    refusals: clients.reduce((sum, { refusals }) => sum + refusals, 0),
  };
}

answerRequests<FleetRequest, FleetReply>(async (request) => {
  switch (request.kind) {
    case "prepare":
      return await prepare(request);
    case "connect": {
      const { target, readsAnswers } = request;
      for (const client of clients) await client.connect({ target, readsAnswers });
      return { kind: "connected" };
    }
    case "send":
      return await send(request);
    case "close":
      for (const client of clients) client.close();
      return { kind: "closed" };
  }
});
