import { assert } from "@voltfog/runtime";
import { cpuTimes } from "../measure/process-cpu.ts";
import type { Target } from "../mqtt/mqtt-connection.ts";
import { BenchChild } from "../processes/bench-child.ts";
import type { Device, FleetReply, FleetRequest, SentFrames } from "./fleet-messages.ts";

export interface FleetSize {
  readonly vehicles: number;
  readonly framesPerVehicle: number;
  /** Processes that play the vehicles, an equal part each. */
  readonly processes: number;
}

export interface SendResult {
  readonly vehicles: readonly SentFrames[];
  readonly receipts: number;
  readonly refusals: number;
  /** Processor time of all generators while they sent; undefined where the system doesn't say. */
  readonly cpu_ms: number | undefined;
}

type Child = BenchChild<FleetRequest, FleetReply>;

/** The vehicles, in processes of their own, with every frame made and signed beforehand. */
export class Fleet {
  readonly size: FleetSize;
  readonly devices: readonly Device[];
  /** Of one pass through all frames. */
  readonly payload_bytes: number;
  readonly #children: readonly Child[];

  private constructor(o: {
    size: FleetSize;
    children: readonly Child[];
    devices: readonly Device[];
    payload_bytes: number;
  }) {
    this.size = o.size;
    this.#children = o.children;
    this.devices = o.devices;
    this.payload_bytes = o.payload_bytes;
  }

  /** Starts the processes and waits until all frames are made: about 1.5 ms each. */
  static async prepare(o: {
    size: FleetSize;
    seed: number;
    start_ms: number;
    authority: { readonly certificate: string; readonly key: string };
  }): Promise<Fleet> {
    const { size, seed, start_ms } = o;
    const { certificate, key } = o.authority;
    const authority = { certificate, key };
    const children = Array.from(
      { length: size.processes },
      (): Child => new BenchChild(new URL("./fleet-process", import.meta.url)),
    );
    const names = Array.from({ length: size.vehicles }, (_, i) => `vehicle-${i + 1}`);
    const prepared = await Promise.all(
      children.map((child, part) => {
        const vehicles = names.filter((_, i) => i % size.processes === part);
        const { framesPerVehicle } = size;
        const own = seed + part * size.vehicles;
        return child.ask(
          { kind: "prepare", vehicles, framesPerVehicle, seed: own, start_ms, authority },
          "prepared",
        );
      }),
    );
    const devices = prepared.flatMap((reply) => reply.devices);
    const payload_bytes = prepared.reduce((sum, reply) => sum + reply.payload_bytes, 0);
    return new Fleet({ size, children, devices, payload_bytes });
  }

  get frames(): number {
    return this.size.vehicles * this.size.framesPerVehicle;
  }

  async connect(o: { target: Target; readsAnswers: boolean }): Promise<void> {
    await Promise.all(
      this.#children.map((child) => child.ask({ kind: "connect", ...o }, "connected")),
    );
  }

  /** All vehicles send all their frames, each with so many under way; resolves when all are acknowledged. */
  async send(o: { inFlight: number; passes: number }): Promise<SendResult> {
    const before = this.#cpu_ms();
    const replies = await Promise.all(
      this.#children.map((child) => child.ask({ kind: "send", ...o }, "sent")),
    );
    const after = this.#cpu_ms();
    const vehicles = replies.flatMap((reply) => reply.vehicles);
    assert(vehicles.length === this.size.vehicles, "every vehicle has sent");
    return {
      vehicles,
      receipts: replies.reduce((sum, { receipts }) => sum + receipts, 0),
      refusals: replies.reduce((sum, { refusals }) => sum + refusals, 0),
      cpu_ms: before === undefined || after === undefined ? undefined : after - before,
    };
  }

  async disconnect(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.ask({ kind: "close" }, "closed")));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
  }

  #cpu_ms(): number | undefined {
    let sum_ms = 0;
    for (const { pid } of this.#children) {
      const times = cpuTimes(pid);
      if (times === undefined) return undefined;
      sum_ms += times.process_ms;
    }
    return sum_ms;
  }
}
