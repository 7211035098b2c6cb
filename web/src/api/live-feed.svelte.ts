import { SvelteMap } from "svelte/reactivity";
import { session } from "../session/session.svelte.ts";
import { getJson } from "./client.ts";
import type { BlockRow, EventRow, LiveMessage, Summary, VehicleSummary } from "./shapes.ts";

const eventsKept = 100;
const blocksKept = 60;
/** How often is asked by who may not listen, and how soon a feed that was refused is tried again. */
const again_ms = 10_000;

/** The fleet as it is now: one request to begin with, then the server's live feed. */
class LiveFeed {
  vehicles: SvelteMap<string, VehicleSummary> = new SvelteMap();
  events: readonly EventRow[] = $state.raw([]);
  blocks: readonly BlockRow[] = $state.raw([]);
  summary: Summary | undefined = $state.raw(undefined);
  connected: boolean = $state(false);
  loaded: boolean = $state(false);
  lastMessage_ms: number = $state(Date.now());

  /** Begins with what is there for who is signed in now; call the answer to end it and forget all of it. */
  start(): () => void {
    const stop = new AbortController();
    if (session.may("/v1/live")) this.#listen(stop.signal);
    else this.#poll(stop.signal);
    return () => {
      stop.abort();
      this.vehicles.clear();
      this.events = [];
      this.blocks = [];
      this.summary = undefined;
      this.connected = false;
      this.loaded = false;
    };
  }

  #listen(signal: AbortSignal): void {
    const source = new EventSource("/v1/live");
    signal.addEventListener("abort", () => source.close());
    source.onopen = () => {
      this.connected = true;
      void this.#catchUp(signal);
    };
    source.onerror = () => {
      this.connected = false;
      // A browser tries again where the connection broke, and not where it was refused: that is done here.
      if (source.readyState !== EventSource.CLOSED || signal.aborted) return;
      void session.check();
      const timer = setTimeout(() => this.#listen(signal), again_ms);
      signal.addEventListener("abort", () => clearTimeout(timer));
    };
    source.onmessage = (message: MessageEvent<string>) => {
      if (signal.aborted) return;
      this.lastMessage_ms = Date.now();
      this.#take(JSON.parse(message.data) as LiveMessage);
    };
  }

  #poll(signal: AbortSignal): void {
    const ask = (): void => {
      if (!document.hidden) void this.#catchUp(signal);
    };
    ask();
    const timer = setInterval(ask, again_ms);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  async #catchUp(signal: AbortSignal): Promise<void> {
    try {
      const [vehicles, events, blocks, summary] = await Promise.all([
        allowed<VehicleSummary[]>("/v1/vehicles", "", signal),
        allowed<EventRow[]>("/v1/events", `?limit=${eventsKept}`, signal),
        allowed<BlockRow[]>("/v1/blocks", `?limit=${blocksKept}`, signal),
        allowed<Summary>("/v1/summary", "", signal),
      ]);
      if (signal.aborted) return;
      for (const vehicle of vehicles ?? []) this.vehicles.set(vehicle.id, vehicle);
      this.events = events ?? [];
      this.blocks = blocks ?? [];
      this.summary = summary;
      this.loaded = true;
    } catch {
      this.connected = false;
    }
  }

  #take(message: LiveMessage): void {
    switch (message.type) {
      case "vehicle":
        this.vehicles.set(message.vehicle.id, message.vehicle);
        return;
      case "event": {
        const others = this.events.filter(({ id }) => id !== message.event.id);
        const all = [message.event, ...others].sort((a, b) => b.at_ms - a.at_ms);
        this.events = all.slice(0, eventsKept);
        return;
      }
      case "block": {
        const others = this.blocks.filter(({ height }) => height !== message.block.height);
        const all = [message.block, ...others].sort((a, b) => b.height - a.height);
        this.blocks = all.slice(0, blocksKept);
        return;
      }
      case "summary":
        this.summary = message.summary;
        return;
      case "dropped":
        if (message.reason === "token-ended") void session.check();
    }
  }
}

export const liveFeed: LiveFeed = new LiveFeed();

/** Undefined for who may not ask. */
async function allowed<T>(
  route: string,
  query: string,
  signal: AbortSignal,
): Promise<T | undefined> {
  return session.may(route) ? getJson<T>(route + query, signal) : undefined;
}
