import { connectAsync, type MqttClient } from "mqtt";
import type { UnitSite } from "./unit-site.ts";

/** Connects a plain MQTT 3.1.1 client with the certificate of a vehicle or of the operator. */
export function connectClient(site: UnitSite, id: string): Promise<MqttClient> {
  const { authority: ca, certificate: cert, key } = site.identityOf(id);
  return connectAsync({
    host: "127.0.0.1",
    port: site.mqttPort,
    protocol: "mqtts",
    ca,
    cert,
    key,
    protocolVersion: 4,
    clientId: id,
    clean: true,
    reconnectPeriod: 0,
    queueQoSZero: false,
  });
}
