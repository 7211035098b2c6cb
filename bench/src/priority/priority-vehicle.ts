import { createPublicKey } from "node:crypto";
import { commitmentOf, keyIdOf, sealFrame, upTopic, urgentClientSuffix } from "@voltfog/messages";
import type { VehicleId } from "@voltfog/runtime";
import type { CertificateAuthority } from "@voltfog/runtime/certificates";
import { nodeCrypto, type TlsIdentity } from "@voltfog/runtime/node";
import { FrameMaker } from "../ingest/signed-frames.ts";
import { sharedTime_ms } from "../measure/shared-time.ts";
import { MqttConnection } from "../mqtt/mqtt-connection.ts";
import { publishPacket } from "../mqtt/packets.ts";

interface Line {
  readonly connection: MqttConnection;
  readonly sent_ms: Map<number, number>;
  nextId: number;
}

/** One vehicle with two connections, as an agent with a port for alarms has them. */
export class PriorityVehicle {
  readonly id: VehicleId;
  readonly key: string;
  readonly #maker: FrameMaker;
  readonly #start_ms: number;
  readonly #identity: TlsIdentity;
  #frames: Uint8Array[] = [];
  #alarms = 0;
  #lastAlarm: Uint8Array = new Uint8Array(32);
  #lines: { readonly telemetry: Line; readonly urgent: Line } | undefined;

  private constructor(maker: FrameMaker, start_ms: number, identity: TlsIdentity) {
    this.id = maker.id;
    this.key = Buffer.from(maker.signer.publicKey).toString("hex");
    this.#maker = maker;
    this.#start_ms = start_ms;
    this.#identity = identity;
  }

  static async enrol(o: {
    id: VehicleId;
    seed: number;
    start_ms: number;
    authority: CertificateAuthority;
    now_ms: number;
  }): Promise<PriorityVehicle> {
    const maker = new FrameMaker(o);
    const publicKey = createPublicKey(maker.signer.pem);
    const subject = { id: o.id, role: "vehicle", publicKey } as const;
    const certificate = await o.authority.issue(subject, { now_ms: o.now_ms });
    const key = maker.signer.pem;
    const identity = { authority: o.authority.certificate, certificate, key };
    return new PriorityVehicle(maker, o.start_ms, identity);
  }

  /** Cuts and signs frames before any clock runs, so that so many are ready; gives their mean length. */
  make(frames: number): number {
    while (this.#frames.length < frames) this.#frames.push(this.#maker.next().bytes);
    return this.#frames.reduce((sum, { length }) => sum + length, 0) / this.#frames.length;
  }

  async connect(o: { host: string; port: number; urgentPort: number }): Promise<void> {
    const open = async (port: number, clientId: string): Promise<Line> => {
      const login = { clientId, identity: this.#identity };
      const connection = await MqttConnection.open({ host: o.host, port }, login);
      return { connection, sent_ms: new Map(), nextId: 1 };
    };
    const telemetry = await open(o.port, this.id);
    const urgent = await open(o.urgentPort, `${this.id}${urgentClientSuffix}`);
    this.#lines = { telemetry, urgent };
  }

  /** Acknowledged times go to `telemetry` and `alert`; resolves when the unit cuts a connection. */
  listen(o: {
    telemetry: (took_ms: number) => void;
    alert: (took_ms: number) => void;
  }): Promise<void> {
    const { telemetry, urgent } = this.#open();
    return new Promise((resolve) => {
      for (const [line, took] of [
        [telemetry, o.telemetry],
        [urgent, o.alert],
      ] as const) {
        line.connection.listen({
          take: (packet) => {
            const sent_ms = packet.kind === "puback" ? line.sent_ms.get(packet.id) : undefined;
            if (packet.kind !== "puback" || sent_ms === undefined) return;
            line.sent_ms.delete(packet.id);
            took(sharedTime_ms() - sent_ms);
          },
          broken: () => resolve(),
        });
      }
    });
  }

  /** False when no frame is left. */
  sendFrame(): boolean {
    const payload = this.#frames.shift();
    if (payload === undefined) return false;
    write(this.#open().telemetry, upTopic(this.id, "telemetry"), payload);
    return true;
  }

  sendAlarm(): void {
    const payload = this.#alarm();
    write(this.#open().urgent, upTopic(this.id, "urgent"), payload);
  }

  get unacknowledged(): number {
    const { telemetry, urgent } = this.#open();
    return telemetry.sent_ms.size + urgent.sent_ms.size;
  }

  close(): void {
    this.#lines?.telemetry.connection.close();
    this.#lines?.urgent.connection.close();
    this.#lines = undefined;
  }

  #open(): { readonly telemetry: Line; readonly urgent: Line } {
    if (this.#lines === undefined) throw new Error(`${this.id} is not connected`);
    return this.#lines;
  }

  #alarm(): Uint8Array {
    const sequence = ++this.#alarms;
    const { signer } = this.#maker;
    const wall_ms = this.#start_ms + sequence;
    const bytes = sealFrame({
      header: {
        ...{ vehicleId: this.id, boot: 1, stream: "urgent", sequence },
        keyId: keyIdOf({ publicKey: signer.publicKey, crypto: nodeCrypto }),
        previous: this.#lastAlarm,
        salt: new Uint8Array(16).fill(sequence),
        ...{ wall_ms, monotonic_ms: sequence, clockQuality: "synchronised" },
      },
      payload: {
        ...{ type: "alarm", origin: "simulated", alarm: "over-temperature", level: 1, cell: 0 },
        ...{ value: 61, limit: 60, wall_ms },
      },
      signer,
    });
    this.#lastAlarm = commitmentOf({ frame: bytes, crypto: nodeCrypto });
    return bytes;
  }
}

function write(line: Line, topic: string, payload: Uint8Array): void {
  const id = line.nextId;
  line.nextId = 1 + (id % 65_535);
  line.sent_ms.set(id, sharedTime_ms());
  line.connection.write(publishPacket({ topic, id, payload }));
}
