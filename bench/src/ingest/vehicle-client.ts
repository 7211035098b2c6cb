import { createPublicKey } from "node:crypto";
import { downTopic, upTopic } from "@voltfog/messages";
import type { CertificateAuthority } from "@voltfog/runtime/certificates";
import type { TlsIdentity } from "@voltfog/runtime/node";
import { sharedTime_ms } from "../measure/shared-time.ts";
import { MqttConnection, type Target } from "../mqtt/mqtt-connection.ts";
import type { Incoming } from "../mqtt/packet-reader.ts";
import { publishPacket } from "../mqtt/packets.ts";
import type { SentFrames } from "./fleet-messages.ts";
import type { FrameMaker } from "./signed-frames.ts";

/** One vehicle: its frames, ready to be written, and its connection. */
export class VehicleClient {
  readonly #maker: FrameMaker;
  readonly #packets: Buffer[] = [];
  readonly payload_bytes: number;
  receipts = 0;
  refusals = 0;
  #connection: MqttConnection | undefined;
  #identity: TlsIdentity | undefined;

  constructor(o: { maker: FrameMaker; frames: number }) {
    this.#maker = o.maker;
    const topic = upTopic(o.maker.id, "telemetry");
    let payload_bytes = 0;
    for (let i = 0; i < o.frames; i++) {
      const { bytes } = o.maker.next();
      payload_bytes += bytes.length;
      this.#packets.push(publishPacket({ topic, id: idOf(i), payload: bytes }));
    }
    this.payload_bytes = payload_bytes;
  }

  /** Has its device key certified, once. */
  async enrol(authority: CertificateAuthority, options: { now_ms: number }): Promise<void> {
    const { id, signer } = this.#maker;
    const subject = { id, role: "vehicle", publicKey: createPublicKey(signer.pem) } as const;
    const certificate = await authority.issue(subject, options);
    this.#identity = { authority: authority.certificate, certificate, key: signer.pem };
  }

  async connect(o: { target: Target; readsAnswers: boolean }): Promise<void> {
    const { id } = this.#maker;
    if (this.#identity === undefined) throw new Error(`${id} has no certificate`);
    const login = { clientId: id, identity: this.#identity };
    this.#connection = await MqttConnection.open(o.target, login);
    this.receipts = 0;
    this.refusals = 0;
    if (!o.readsAnswers) return;
    await this.#connection.subscribe([downTopic(id, "receipt"), downTopic(id, "refusal")], 0);
  }

  /** Sends all frames and resolves when all are acknowledged; as many as allowed are always under way. */
  sendAll(o: { inFlight: number; passes: number }): Promise<SentFrames> {
    const connection = this.#connection;
    if (connection === undefined) return Promise.reject(new Error("not connected"));
    const total = this.#packets.length * o.passes;
    const sent_ms = new Float64Array(total);
    const acked_ms = new Float64Array(total);
    const underWay = new Map<number, number>();
    let next = 0;
    let acked = 0;
    const fill = (): void => {
      connection.cork();
      while (underWay.size < o.inFlight && next < total) {
        const frame = next % this.#packets.length;
        underWay.set(idOf(frame), next);
        sent_ms[next++] = sharedTime_ms();
        connection.write(this.#packets[frame] as Buffer);
      }
      connection.uncork();
    };
    return new Promise((resolve, reject) => {
      const take = (packet: Incoming): void => {
        if (packet.kind === "publish") this.#heard(packet.topic);
        const at = packet.kind === "puback" ? underWay.get(packet.id) : undefined;
        if (packet.kind !== "puback" || at === undefined) return;
        underWay.delete(packet.id);
        acked_ms[at] = sharedTime_ms();
        acked++;
        if (acked === total) resolve({ sent_ms, acked_ms });
        else fill();
      };
      connection.listen({ take, broken: reject });
      fill();
    });
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  #heard(topic: string): void {
    if (topic.endsWith("/receipt")) this.receipts++;
    else this.refusals++;
  }
}

/** Packet ids go from 1 to 65,535. */
function idOf(frame: number): number {
  return 1 + (frame % 65_535);
}
