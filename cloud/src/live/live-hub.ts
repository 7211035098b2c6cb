import type { LiveMessage } from "../api/responses.ts";

/** Where a client's bytes go; false asks to wait for {@link LiveClient.resume}. */
export interface LiveSink {
  write(text: string): boolean;
  close(): void;
}

export interface LiveHubOptions {
  readonly clientsMax: number;
  /** Messages that wait for one slow client; a further one replaces nothing and is counted as missed. */
  readonly waitingMax: number;
}

/**
 * Sends each message to every client. A slow client never slows the others or grows without
 * bound: of a vehicle only the newest view waits, of the rest a fixed number, and the client is
 * told how many messages it missed.
 */
export class LiveHub {
  readonly #options: LiveHubOptions;
  readonly #clients = new Set<LiveClient>();
  #id = 0;

  constructor(options: LiveHubOptions) {
    this.#options = options;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** undefined when there are too many. */
  join(options: { sink: LiveSink; vehicleId: string | undefined }): LiveClient | undefined {
    if (this.#clients.size >= this.#options.clientsMax) return undefined;
    const client = new LiveClient({
      ...options,
      waitingMax: this.#options.waitingMax,
      left: () => this.#clients.delete(client),
    });
    this.#clients.add(client);
    return client;
  }

  publish(message: LiveMessage): void {
    if (this.#clients.size === 0) return;
    this.#id += 1;
    const text = `id: ${this.#id}\ndata: ${JSON.stringify(message)}\n\n`;
    for (const client of this.#clients) client.offer(message, text);
  }

  /** Keeps idle connections open through proxies, and finds the dead ones. */
  heartbeat(): void {
    for (const client of this.#clients) client.heartbeat();
  }

  close(): void {
    for (const client of [...this.#clients]) client.leave();
  }
}

/** One connection of the live feed. */
export class LiveClient {
  readonly #sink: LiveSink;
  readonly #vehicleId: string | undefined;
  readonly #waitingMax: number;
  readonly #left: () => void;
  readonly #vehicles = new Map<string, string>();
  #others: string[] = [];
  #missed = 0;
  #blocked = false;
  #stuckBeats = 0;

  constructor(options: {
    sink: LiveSink;
    vehicleId: string | undefined;
    waitingMax: number;
    left: () => void;
  }) {
    this.#sink = options.sink;
    this.#vehicleId = options.vehicleId;
    this.#waitingMax = options.waitingMax;
    this.#left = options.left;
  }

  /** How many messages wait for this client. */
  get waiting(): number {
    return this.#vehicles.size + this.#others.length;
  }

  /** The first message, before any that is published. */
  begin(message: LiveMessage): void {
    this.offer(message, `data: ${JSON.stringify(message)}\n\n`);
  }

  offer(message: LiveMessage, text: string): void {
    if (!this.#wants(message)) return;
    if (!this.#blocked) {
      this.#write(text);
      return;
    }
    const place = message.type === "vehicle" ? message.vehicle.id : undefined;
    if (place !== undefined && this.#vehicles.has(place)) this.#vehicles.set(place, text);
    else if (this.waiting >= this.#waitingMax) this.#missed += 1;
    else if (place !== undefined) this.#vehicles.set(place, text);
    else this.#others.push(text);
  }

  /** The connection takes bytes again. */
  resume(): void {
    this.#blocked = false;
    this.#stuckBeats = 0;
    const texts = [...this.#others, ...this.#vehicles.values()];
    this.#others = [];
    this.#vehicles.clear();
    if (this.#missed > 0) {
      texts.unshift(`data: ${JSON.stringify({ type: "missed", messages: this.#missed })}\n\n`);
      this.#missed = 0;
    }
    // One write for all that waited: it may block again, but nothing is lost between.
    if (texts.length > 0) this.#write(texts.join(""));
  }

  /** A client that took nothing for several beats is gone. */
  heartbeat(): void {
    if (!this.#blocked) {
      this.#write(": still here\n\n");
      return;
    }
    this.#stuckBeats += 1;
    if (this.#stuckBeats >= stuckBeatsMax) this.leave();
  }

  leave(): void {
    this.#left();
    this.#sink.close();
  }

  #wants(message: LiveMessage): boolean {
    if (this.#vehicleId === undefined) return true;
    if (message.type === "vehicle") return message.vehicle.id === this.#vehicleId;
    return message.type !== "event" || message.event.vehicleId === this.#vehicleId;
  }

  #write(text: string): void {
    if (!this.#sink.write(text)) this.#blocked = true;
  }
}

const stuckBeatsMax = 4;
