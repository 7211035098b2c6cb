import type { Socket } from "node:net";

/**
 * Whole messages over a TCP socket: a 32-bit length, then the bytes. A frame that is announced longer
 * than the limit ends the connection before any of it is kept.
 */
export class FrameSocket {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #buffered_bytes = 0;
  #limit_bytes: number;
  #onFrame: (frame: Uint8Array) => void = () => {};
  #isClosed = false;
  #isCorked = false;

  constructor(options: { socket: Socket; limit_bytes: number; onClose: () => void }) {
    const { socket } = options;
    this.#socket = socket;
    this.#limit_bytes = options.limit_bytes;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", () => this.close());
    socket.on("close", () => {
      this.#isClosed = true;
      options.onClose();
    });
  }

  /** Who takes the frames from now on, and how long they may be. */
  expect(options: { limit_bytes: number; onFrame: (frame: Uint8Array) => void }): void {
    this.#limit_bytes = options.limit_bytes;
    this.#onFrame = options.onFrame;
  }

  /** False, and nothing sent, where more than `queueMax_bytes` wait already or the socket is closed. */
  send(frame: Uint8Array, options: { queueMax_bytes: number }): boolean {
    if (this.#isClosed || this.#socket.writableLength > options.queueMax_bytes) return false;
    const whole = Buffer.allocUnsafe(4 + frame.length);
    whole.writeUInt32BE(frame.length);
    whole.set(frame, 4);
    this.#cork();
    this.#socket.write(whole);
    return true;
  }

  /** What is sent in one turn leaves in one write: one record of TLS and one call of the system. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#socket.uncork();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered_bytes += chunk.length;
    while (!this.#isClosed) {
      const frame = this.#nextFrame();
      if (frame === undefined) return;
      this.#onFrame(frame);
    }
  }

  #nextFrame(): Uint8Array | undefined {
    if (this.#buffered_bytes < 4) return undefined;
    if ((this.#chunks[0]?.length ?? 0) < 4) this.#join();
    const length_bytes = this.#chunks[0]?.readUInt32BE(0) ?? 0;
    if (length_bytes > this.#limit_bytes) {
      this.close();
      return undefined;
    }
    if (this.#buffered_bytes < 4 + length_bytes) return undefined;
    const whole = this.#join();
    // Copied, so that a small message does not keep a large chunk alive.
    const frame = new Uint8Array(whole.subarray(4, 4 + length_bytes));
    const rest = whole.subarray(4 + length_bytes);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#buffered_bytes = rest.length;
    return frame;
  }

  #join(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }
}
