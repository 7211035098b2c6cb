/** A driver on the way to a site. */
export interface PromisedArrival {
  readonly siteId: string;
  readonly arrival_ms: number;
}

/** Drivers on the way at most, over all sites. */
const promisesMax = 100_000;
/** After so long past its time an arrival is in the feed, or never comes. */
const kept_ms = 600_000;

/**
 * Who was sent where and has not arrived: load that no feed shows yet. Without it every driver is sent to
 * the same free plug.
 */
export class PromisedArrivals {
  readonly #byDriver = new Map<string, PromisedArrival>();
  readonly #bySite = new Map<string, Map<string, number>>();

  /** Takes the place of what the driver was promised before; false when there are too many drivers. */
  promise(driverId: string, promised: PromisedArrival): boolean {
    this.cancel(driverId);
    if (this.#byDriver.size >= promisesMax) return false;
    this.#byDriver.set(driverId, promised);
    const site = this.#bySite.get(promised.siteId) ?? new Map<string, number>();
    this.#bySite.set(promised.siteId, site.set(driverId, promised.arrival_ms));
    return true;
  }

  /** The driver arrived, or goes elsewhere; false when nothing was promised. */
  cancel(driverId: string): boolean {
    const promised = this.#byDriver.get(driverId);
    if (promised === undefined) return false;
    this.#byDriver.delete(driverId);
    const site = this.#bySite.get(promised.siteId);
    site?.delete(driverId);
    if (site?.size === 0) this.#bySite.delete(promised.siteId);
    return true;
  }

  /** Where the driver is on the way to; undefined when nowhere. */
  of(driverId: string): PromisedArrival | undefined {
    return this.#byDriver.get(driverId);
  }

  /** Arrivals at a site after a time and up to another, in order; what is long over is forgotten. */
  between(
    siteId: string,
    range: { readonly after_ms: number; readonly upTo_ms: number },
  ): readonly number[] {
    const arrivals: number[] = [];
    for (const [driverId, arrival_ms] of this.#bySite.get(siteId) ?? []) {
      if (arrival_ms < range.after_ms - kept_ms) this.cancel(driverId);
      else if (arrival_ms > range.after_ms && arrival_ms <= range.upTo_ms)
        arrivals.push(arrival_ms);
    }
    return arrivals.sort((a, b) => a - b);
  }

  get size(): number {
    return this.#byDriver.size;
  }
}
