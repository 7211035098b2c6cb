import { setMaxListeners } from "node:events";
import { CodedError, messageOf } from "@voltfog/runtime";
import { loadSigningKey } from "@voltfog/runtime/node";
import { MarketClient } from "./market-client.ts";
import { marketKeyFile } from "./market-key.ts";
import type { MarketMode } from "./market-mode.ts";
import type { MarketSite } from "./market-site.ts";
import { marketToken } from "./market-token.ts";
import { openMarket } from "./open-market.ts";
import { pauseUnless } from "./pause-unless.ts";
import { runChargePoints, runPeople } from "./simulated-market.ts";

/** Each of a site's charge points can wait for a block while people do. */
const listenersMax = 200;
const retry_ms = 5000;
/** A minute of trouble; afterwards the site goes on without a market until its next start. */
const triesMax = 12;

/**
 * The market of a running site, in the process of `voltfog up`: opens it, and has simulated people act
 * where they are wanted. It is a client like any other: what goes wrong here is noted and stops nothing.
 */
export class SiteMarket {
  readonly #site: MarketSite;
  readonly #mode: MarketMode;
  readonly #note: (text: string) => void;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: { site: MarketSite; mode: MarketMode; note: (text: string) => void }) {
    this.#site = options.site;
    this.#mode = options.mode;
    this.#note = options.note;
    // Every request and every pause listens to the same signal: charge points and people, at once.
    setMaxListeners(listenersMax, this.#stop.signal);
  }

  start(): void {
    if (this.#mode !== "none") this.#running = this.#run();
  }

  /** Resolves when no request is on its way any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { web: url, clock, paths, signIn } = this.#site;
    const authority = loadSigningKey(marketKeyFile(paths));
    for (let tries = 1; !signal.aborted; tries++) {
      try {
        const token = signIn ? await marketToken(paths, clock) : undefined;
        const client = new MarketClient({ url, clock, token, signal });
        await openMarket({ site: this.#site, client, authority });
        await this.#live(client);
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        if (tries >= triesMax) {
          this.#note(`no market until the next start: ${codedText(thrown)}`);
          return;
        }
      }
      await this.#pause(retry_ms);
    }
  }

  /** Charge points, and people where they are wanted, until the stop. */
  async #live(client: MarketClient): Promise<void> {
    const pause = (delay_ms: number): Promise<void> => this.#pause(delay_ms);
    const simulation = { site: this.#site, client, signal: this.#stop.signal, pause };
    const people = this.#mode === "simulated" ? runPeople(simulation) : Promise.resolve();
    await Promise.all([runChargePoints(simulation), people]);
  }

  #pause(delay_ms: number): Promise<void> {
    return pauseUnless({ clock: this.#site.clock, signal: this.#stop.signal, delay_ms });
  }
}

function codedText(thrown: unknown): string {
  return thrown instanceof CodedError ? `${thrown.code}: ${thrown.message}` : messageOf(thrown);
}
