import { SvelteMap } from "svelte/reactivity";
import { getJson } from "./client.ts";
import type { BlockRow, EventRow, LiveMessage, Summary, VehicleSummary } from "./shapes.ts";

const eventsKept = 100;
const blocksKept = 60;

/** The fleet as it is now: one request to begin with, then the server's live feed. */
class LiveFeed {
  vehicles: SvelteMap<string, VehicleSummary> = new SvelteMap();
  events: readonly EventRow[] = $state.raw([]);
  blocks: readonly BlockRow[] = $state.raw([]);
  summary: Summary | undefined = $state.raw(undefined);
  connected: boolean = $state(false);
  loaded: boolean = $state(false);
  lastMessage_ms: number = $state(Date.now());
  #source: EventSource | undefined;

  start(): void {
    if (this.#source !== undefined) return;
    this.#source = new EventSource("/v1/live");
    this.#source.onopen = () => {
      this.connected = true;
      void this.#catchUp();
    };
    this.#source.onerror = () => {
      this.connected = false;
    };
    this.#source.onmessage = (message: MessageEvent<string>) => {
      this.lastMessage_ms = Date.now();
      this.#take(JSON.parse(message.data) as LiveMessage);
    };
  }

  async #catchUp(): Promise<void> {
    try {
      const [vehicles, events, blocks, summary] = await Promise.all([
        getJson<VehicleSummary[]>("/v1/vehicles"),
        getJson<EventRow[]>(`/v1/events?limit=${eventsKept}`),
        getJson<BlockRow[]>(`/v1/blocks?limit=${blocksKept}`),
        getJson<Summary>("/v1/summary"),
      ]);
      for (const vehicle of vehicles) this.vehicles.set(vehicle.id, vehicle);
      this.events = events;
      this.blocks = blocks;
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
    }
  }
}

export const liveFeed: LiveFeed = new LiveFeed();
