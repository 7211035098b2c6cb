import { faultOf, type Logger } from "@voltfog/runtime";
import { type LinkClasses, LinkShaper } from "@voltfog/runtime/node";
import type { Shortfall, TrafficDriver } from "../traffic-driver.ts";
import type { RuleSource } from "../traffic-rules.ts";

/**
 * The kernel's queues on one of the unit's links: alarms first, then the backbone, then telemetry, then all
 * else. Made once; policies change nothing in them, since a queue knows no vehicle.
 */
export class TcDriver implements TrafficDriver {
  readonly name = "tc";
  readonly #link: LinkClasses;
  readonly #logger: Logger;
  #opened: Promise<LinkShaper | undefined> | undefined;
  #fault: Shortfall | undefined;
  #hasLimits = false;

  constructor(options: { link: LinkClasses; logger: Logger }) {
    this.#link = options.link;
    this.#logger = options.logger;
  }

  async apply({ limits }: RuleSource): Promise<void> {
    this.#hasLimits = limits.length > 0;
    this.#opened ??= this.#open();
    await this.#opened;
  }

  get cannot(): readonly Shortfall[] {
    if (this.#fault !== undefined) return [this.#fault];
    const why = "a queue of the kernel knows no vehicle; the broker keeps them";
    return this.#hasLimits ? [{ what: "limits of devices", why }] : [];
  }

  async close(): Promise<void> {
    const shaper = await this.#opened;
    try {
      await shaper?.close();
    } catch (thrown) {
      this.#logger.error("queues left on the link", faultOf(thrown));
    }
  }

  async #open(): Promise<LinkShaper | undefined> {
    try {
      return await LinkShaper.open(this.#link);
    } catch (thrown) {
      const { reason, code } = faultOf(thrown);
      this.#fault = { what: `classes on ${this.#link.device}`, why: `${code}: ${reason}` };
      this.#logger.warn("no classes on the link", { device: this.#link.device, code, reason });
      return undefined;
    }
  }
}
