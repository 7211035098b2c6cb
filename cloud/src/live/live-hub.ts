import type { Fleet } from "../access/fleet-directory.ts";
import type { Credential } from "../access/identity.ts";
import type { DropReason, LiveMessage } from "../api/responses.ts";

/** Where a client's bytes go; false asks to wait for {@link LiveClient.resume}. */
export interface LiveSink {
  write(text: string | Uint8Array): boolean;
  /** Ends the connection behind a last text; what does not take it in time is cut off. */
  close(last: string): void;
}

export interface LiveHubOptions {
  readonly clientsMax: number;
  /** Messages that wait for one slow client; a further one replaces nothing and is counted as missed. */
  readonly waitingMax: number;
  /** Whether a fleet's client may hear of a vehicle. */
  readonly sees: (fleet: Fleet, vehicleId: string) => boolean;
  /** Whether what a client was let in by still holds. */
  readonly holds: (credential: Credential | undefined) => Promise<boolean>;
}

/**
 * Sends each message to every client that may hear it: of a fleet's vehicles and the chain to that
 * fleet's, of the site's processes to those of no fleet. A slow client never slows the others or grows without
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
  join(options: {
    sink: LiveSink;
    vehicleId: string | undefined;
    fleet: Fleet;
    credential: Credential | undefined;
  }): LiveClient | undefined {
    if (this.#clients.size >= this.#options.clientsMax) return undefined;
    const client = new LiveClient({
      ...options,
      waitingMax: this.#options.waitingMax,
      sees: this.#options.sees,
      left: () => this.#clients.delete(client),
    });
    this.#clients.add(client);
    return client;
  }

  /** The fleets that listen; undefined among them where somebody hears of every vehicle. */
  fleets(): ReadonlySet<Fleet> {
    return new Set([...this.#clients].map(({ fleet }) => fleet));
  }

  /** With a fleet, or undefined in its place, only to the clients of exactly that one. */
  publish(message: LiveMessage, ...only: readonly [Fleet] | readonly []): void {
    if (this.#clients.size === 0) return;
    this.#id += 1;
    const text = `id: ${this.#id}\ndata: ${JSON.stringify(message)}\n\n`;
    for (const client of this.#clients) {
      if (only.length === 0 || client.fleet === only[0]) client.offer(message, text);
    }
  }

  /**
   * Several messages at once, in order. Clients that hear the same get the same bytes in one write, so a
   * thousand of them cost one encoding and a thousand writes, however many vehicles changed.
   */
  publishAll(messages: readonly LiveMessage[]): void {
    if (this.#clients.size === 0 || messages.length === 0) return;
    const items = messages.map((message) => {
      this.#id += 1;
      return { message, text: `id: ${this.#id}\ndata: ${JSON.stringify(message)}\n\n` };
    });
    const batches = new Map<string, LiveBatch>();
    for (const client of this.#clients) {
      const batch = batches.get(client.audience) ?? batchOf(items, client);
      batches.set(client.audience, batch);
      client.offerAll(batch);
    }
  }

  /** Keeps idle connections open through proxies, finds the dead ones, and ends those that may not stay. */
  async heartbeat(): Promise<void> {
    for (const client of this.#clients) client.heartbeat();
    const { holds } = this.#options;
    const credentials = new Set([...this.#clients].map(({ credential }) => credential));
    for (const credential of credentials) {
      if (await holds(credential)) continue;
      for (const client of [...this.#clients]) {
        if (client.credential === credential) client.leave("token-ended");
      }
    }
  }

  close(): void {
    for (const client of [...this.#clients]) client.leave();
  }
}

/** One connection of the live feed. */
export class LiveClient {
  readonly #sink: LiveSink;
  readonly fleet: Fleet;
  readonly credential: Credential | undefined;
  readonly #vehicleId: string | undefined;
  readonly #waitingMax: number;
  readonly #sees: LiveHubOptions["sees"];
  readonly #left: () => void;
  readonly #vehicles = new Map<string, string>();
  #others: string[] = [];
  #missed = 0;
  #blocked = false;
  #stuckBeats = 0;

  constructor(options: {
    sink: LiveSink;
    vehicleId: string | undefined;
    fleet: Fleet;
    credential: Credential | undefined;
    waitingMax: number;
    sees: LiveHubOptions["sees"];
    left: () => void;
  }) {
    this.#sink = options.sink;
    this.#vehicleId = options.vehicleId;
    this.fleet = options.fleet;
    this.credential = options.credential;
    this.#waitingMax = options.waitingMax;
    this.#sees = options.sees;
    this.#left = options.left;
  }

  /** How many messages wait for this client. */
  get waiting(): number {
    return this.#vehicles.size + this.#others.length;
  }

  /** The same for clients that hear the same. */
  get audience(): string {
    return JSON.stringify([this.fleet ?? null, this.#vehicleId ?? null]);
  }

  /** The first message, before any that is published. */
  begin(message: LiveMessage): void {
    this.offer(message, `data: ${JSON.stringify(message)}\n\n`);
  }

  offerAll({ items, bytes }: LiveBatch): void {
    if (items.length === 0) return;
    if (!this.#blocked) this.#write(bytes);
    else for (const { message, text } of items) this.offer(message, text);
  }

  offer(message: LiveMessage, text: string): void {
    if (!this.wants(message)) return;
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
    if (this.#stuckBeats >= stuckBeatsMax) this.leave("too-slow");
  }

  /** With a reason it is told why, if it takes anything any more. */
  leave(reason?: DropReason): void {
    this.#left();
    this.#others = [];
    this.#vehicles.clear();
    const last: LiveMessage | undefined =
      reason === undefined ? undefined : { type: "dropped", reason };
    this.#sink.close(last === undefined ? "" : `data: ${JSON.stringify(last)}\n\n`);
  }

  wants(message: LiveMessage): boolean {
    const about = vehicleOf(message);
    if (about === undefined) return message.type !== "incident" || this.fleet === undefined;
    if (this.#vehicleId !== undefined && about !== this.#vehicleId) return false;
    return this.#sees(this.fleet, about);
  }

  #write(text: string | Uint8Array): void {
    if (!this.#sink.write(text)) this.#blocked = true;
  }
}

const stuckBeatsMax = 4;

function vehicleOf(message: LiveMessage): string | undefined {
  if (message.type === "vehicle") return message.vehicle.id;
  return message.type === "event" ? message.event.vehicleId : undefined;
}

/** What some clients hear of a number of messages, as one piece. */
interface LiveBatch {
  readonly items: readonly { readonly message: LiveMessage; readonly text: string }[];
  readonly bytes: Uint8Array;
}

function batchOf(items: LiveBatch["items"], client: LiveClient): LiveBatch {
  const heard = items.filter(({ message }) => client.wants(message));
  return { items: heard, bytes: Buffer.from(heard.map(({ text }) => text).join("")) };
}
