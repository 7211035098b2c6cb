import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { Clock } from "@voltfog/runtime";
import { ByteAllowance } from "./byte-allowance.ts";
import { type PacketExcess, type PacketLimits, PacketMeter } from "./packet-meter.ts";

/** What one packet costs at least, so that a flood of tiny packets is slowed like one of large ones. */
const packetCost_bytes = 2048;

export interface GateOptions {
  readonly socket: Socket;
  readonly limits: PacketLimits;
  readonly rate_bytes: number;
  readonly clock: Clock;
  /** Called once, before the connection is closed for it. */
  readonly exceeded: (excess: PacketExcess) => void;
}

/**
 * A socket that the broker reads through a gate: lengths are checked as they are announced, a rate
 * is kept, and while the gate is held nothing more is read, so that the sender's TCP window closes.
 */
export class GatedSocket extends Duplex {
  readonly #options: GateOptions;
  readonly #meter: PacketMeter;
  readonly #allowance: ByteAllowance;
  #wanted = false;
  #held = false;
  #cancelWait: (() => void) | undefined;

  constructor(options: GateOptions) {
    super({ allowHalfOpen: false });
    this.#options = options;
    this.#meter = new PacketMeter(options.limits);
    this.#allowance = new ByteAllowance({
      rate_bytes: options.rate_bytes,
      now_ms: options.clock.monotonic_ms(),
    });
    const { socket } = options;
    socket.on("readable", () => this.#pump());
    socket.on("end", () => this.push(null));
    socket.on("error", (thrown) => this.destroy(thrown));
    socket.on("close", () => this.destroy());
  }

  /** Reads no more until released. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#pump();
  }

  override _read(): void {
    this.#wanted = true;
    this.#pump();
  }

  override _write(
    chunk: Uint8Array,
    _encoding: string,
    done: (error?: Error | null) => void,
  ): void {
    this.#options.socket.write(chunk, done);
  }

  override _writev(
    chunks: { chunk: Uint8Array; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#options.socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.#options.socket.end(done);
  }

  override _destroy(thrown: Error | null, done: (error: Error | null) => void): void {
    this.#cancelWait?.();
    this.#options.socket.destroy();
    done(thrown);
  }

  #pump(): void {
    while (this.#wanted && !this.#held && this.#cancelWait === undefined && !this.destroyed) {
      const wait_ms = this.#allowance.wait_ms(this.#options.clock.monotonic_ms());
      if (wait_ms > 0) {
        this.#cancelWait = this.#options.clock.after(wait_ms, () => {
          this.#cancelWait = undefined;
          this.#pump();
        });
        return;
      }
      const chunk: Uint8Array | null = this.#options.socket.read();
      if (chunk === null) return;
      if (!this.#admit(chunk)) return;
      this.#wanted = this.push(chunk);
    }
  }

  #admit(chunk: Uint8Array): boolean {
    const before = this.#meter.packets;
    const excess = this.#meter.check(chunk);
    this.#allowance.spend(chunk.length + packetCost_bytes * (this.#meter.packets - before));
    if (excess === undefined) return true;
    this.#options.exceeded(excess);
    this.destroy();
    return false;
  }
}
