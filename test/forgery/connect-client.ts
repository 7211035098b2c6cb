import { sealConnectToken } from "@voltfog/messages";
import type { VehicleId } from "@voltfog/runtime";
import { connectAsync, type MqttClient } from "mqtt";
import type { UnitSite } from "./unit-site.ts";

/** Connects a plain MQTT 3.1.1 client as a vehicle, or under the unit's own id as its operator. */
export function connectClient(site: UnitSite, id: string): Promise<MqttClient> {
  const password = sealConnectToken({
    signer: site.signerOf(id),
    unitId: site.unitId,
    vehicleId: id as VehicleId,
    wall_ms: Date.now(),
  });
  return connectAsync({
    host: "127.0.0.1",
    port: site.mqttPort,
    protocol: "mqtt",
    protocolVersion: 4,
    clientId: id,
    username: id,
    password,
    clean: true,
    reconnectPeriod: 0,
    queueQoSZero: false,
  });
}
