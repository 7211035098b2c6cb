import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { Clock } from "@voltfog/runtime";
import type { Allowance } from "../traffic/allowance.ts";
import { type PacketExcess, type PacketLimits, PacketMeter } from "./packet-meter.ts";

export interface GateOptions {
  readonly socket: Socket;
  readonly limits: PacketLimits;
  readonly allowance: Allowance;
  readonly clock: Clock;
  /** Called before each wait for the allowance. */
  readonly throttled?: () => void;
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
  #allowance: Allowance;
  #wanted = false;
  #held = false;
  #cancelWait: (() => void) | undefined;

  constructor(options: GateOptions) {
    super({ allowHalfOpen: false });
    this.#options = options;
    this.#meter = new PacketMeter(options.limits);
    this.#allowance = options.allowance;
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

  /** From now on what is read is spent from this allowance; a wait under the old one is over. */
  use(allowance: Allowance): void {
    this.#allowance = allowance;
    this.lookAgain();
  }

  /** The allowance may have become wider. */
  lookAgain(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#pump();
  }

  /** Where the other side is, as its socket says. */
  get address(): string | undefined {
    return this.#options.socket.remoteAddress;
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
        this.#options.throttled?.();
        if (this.destroyed) return;
        this.#cancelWait = this.#options.clock.after(wait_ms, () => {
          this.#cancelWait = undefined;
          this.#pump();
        });
        return;
      }
      const chunk = this.#readPortion();
      if (chunk === null) return;
      if (!this.#admit(chunk)) return;
      this.#wanted = this.push(chunk);
    }
  }

  #readPortion(): Uint8Array | null {
    const { socket } = this.#options;
    const portion_bytes = Math.min(socket.readableLength, this.#allowance.portion_bytes);
    return portion_bytes === 0 ? socket.read() : socket.read(portion_bytes);
  }

  #admit(chunk: Uint8Array): boolean {
    const before = this.#meter.packets;
    const excess = this.#meter.check(chunk);
    const packets = this.#meter.packets - before;
    this.#allowance.spend({ length_bytes: chunk.length, packets });
    if (excess === undefined) return true;
    this.#options.exceeded(excess);
    this.destroy();
    return false;
  }
}
