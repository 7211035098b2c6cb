import type { Clock, Logger } from "@voltfog/runtime";
import { MovingMedian } from "./moving-median.ts";
import type { Claim, UnitClient } from "./unit-client.ts";
import type { UnitHeartbeat } from "./unit-heartbeat.ts";

/** One way to a unit as GET /v1/topology shows it. */
export interface UplinkView {
  readonly url: string;
  readonly latency_ms: number | null;
  readonly chosen: boolean;
}

interface Uplink {
  readonly client: UnitClient;
  latency_ms: MovingMedian;
  isUp: boolean;
  /** Comparisons in a row in which it was better than the chosen one by more than the gain asked. */
  better: number;
}

const medianWindow = 9;
/** Every so many heartbeats go over all uplinks; the others over the chosen one. */
const allEvery = 4;
/** What another uplink must gain, in so many comparisons in a row, before it is chosen. */
const gain = { ratio: 0.2, least_ms: 2, comparisons: 3 };

/**
 * The ways to one unit. Each is measured by heartbeats; the best is chosen, and left only for one that is
 * clearly better for a while, or when it does not answer.
 */
export class Uplinks {
  readonly #id: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #uplinks: readonly [Uplink, ...Uplink[]];
  #chosen: Uplink;
  #beats = 0;

  constructor(options: {
    id: string;
    clients: readonly [UnitClient, ...UnitClient[]];
    clock: Clock;
    logger: Logger;
  }) {
    this.#id = options.id;
    this.#clock = options.clock;
    this.#logger = options.logger;
    const [first, ...others] = options.clients;
    this.#uplinks = [newUplink(first), ...others.map(newUplink)];
    this.#chosen = this.#uplinks[0];
  }

  /** One heartbeat over the chosen uplink, and over the others when it fails; now and then over all at once. */
  async heartbeat(claim: Claim | undefined): Promise<UnitHeartbeat> {
    const goesOverAll = this.#beats++ % allEvery === 0;
    const others = this.#uplinks.filter((one) => one !== this.#chosen);
    const asked = [this.#ask(this.#chosen, claim)];
    if (goesOverAll) asked.push(...others.map((one) => this.#ask(one, claim)));
    try {
      const answer = await Promise.any(asked);
      if (goesOverAll) this.#compare();
      return answer;
    } catch (thrown) {
      if (goesOverAll || others.length === 0) throw thrown;
      return await Promise.any(others.map((one) => this.#ask(one, claim)));
    }
  }

  async #ask(uplink: Uplink, claim: Claim | undefined): Promise<UnitHeartbeat> {
    const start_ms = this.#clock.monotonic_ms();
    try {
      const answer = await uplink.client.heartbeat(claim);
      // A way that was left because it failed is measured anew before it is compared again.
      if (!uplink.isUp && uplink !== this.#chosen) uplink.latency_ms = newMedian();
      uplink.latency_ms.add(this.#clock.monotonic_ms() - start_ms);
      uplink.isUp = true;
      if (!this.#chosen.isUp) this.#choose(uplink, "the other does not answer");
      return answer;
    } catch (thrown) {
      uplink.isUp = false;
      throw thrown;
    }
  }

  #compare(): void {
    const present_ms = this.#chosen.latency_ms.value;
    if (present_ms === undefined) return;
    const asked_ms = Math.max(gain.least_ms, gain.ratio * present_ms);
    for (const one of this.#uplinks) {
      const value_ms = one.isUp ? one.latency_ms.value : undefined;
      const isBetter = value_ms !== undefined && present_ms - value_ms > asked_ms;
      one.better = isBetter ? one.better + 1 : 0;
    }
    const best = this.#uplinks
      .filter(({ better }) => better >= gain.comparisons)
      .sort((a, b) => (a.latency_ms.value ?? 0) - (b.latency_ms.value ?? 0))[0];
    if (best !== undefined) this.#choose(best, `faster in ${gain.comparisons} comparisons`);
  }

  #choose(uplink: Uplink, why: string): void {
    for (const one of this.#uplinks) one.better = 0;
    if (uplink === this.#chosen) return;
    this.#chosen = uplink;
    this.#logger.info("uplink chosen", { unit: this.#id, url: uplink.client.url, why });
  }

  /** What calls other than heartbeats go over. */
  get client(): UnitClient {
    return this.#chosen.client;
  }

  /** Median round trip over the chosen uplink. */
  get latency_ms(): number | undefined {
    return this.#chosen.latency_ms.value;
  }

  get views(): readonly UplinkView[] {
    return this.#uplinks.map((one) => ({
      url: one.client.url,
      latency_ms: one.isUp ? (one.latency_ms.value ?? null) : null,
      chosen: one === this.#chosen,
    }));
  }

  close(): void {
    for (const { client } of this.#uplinks) client.close();
  }
}

function newUplink(client: UnitClient): Uplink {
  return { client, latency_ms: newMedian(), isUp: true, better: 0 };
}

function newMedian(): MovingMedian {
  return new MovingMedian({ window: medianWindow });
}
