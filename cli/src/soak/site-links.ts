import { readFileSync } from "node:fs";
import { replaceFileSync } from "@voltfog/runtime/node";
import type { SiteProcess } from "../site/site-processes.ts";
import { Link } from "./link.ts";

/** The settings in which a process of a site names others. */
const peerSettings = ["units", "urgentUnits", "peers"] as const;

/**
 * A link in front of every port that another machine would reach over a network: MQTT, alarms and
 * backbone of each unit, and the validators' ports for each other. Named after both, such as "unit-1.mqtt".
 */
export class SiteLinks {
  readonly #links = new Map<string, Link>();
  readonly #portOf = new Map<number, number>();

  static async open(processes: readonly SiteProcess[]): Promise<SiteLinks> {
    const links = new SiteLinks();
    for (const { role, id, ports } of processes) {
      if (role === "rsu") {
        await links.#add(`${id}.mqtt`, ports.mqtt ?? 0);
        await links.#add(`${id}.urgent`, ports.urgent ?? 0);
        await links.#add(`${id}.backbone`, ports.backbone ?? 0);
      }
      if (role === "validator") await links.#add(`${id}.p2p`, ports.p2p ?? 0);
    }
    for (const { configFile } of processes) links.#lead(configFile);
    return links;
  }

  get names(): readonly string[] {
    return [...this.#links.keys()];
  }

  link(name: string): Link | undefined {
    return this.#links.get(name);
  }

  /** All carry again, as fast as they can. */
  mend(): void {
    for (const link of this.#links.values()) {
      link.mend();
      link.slowTo(Number.POSITIVE_INFINITY);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.close()));
  }

  async #add(name: string, target: number): Promise<void> {
    const link = await Link.open(target);
    this.#links.set(name, link);
    this.#portOf.set(target, link.port);
  }

  /** Leads a process to the others over the links. */
  #lead(configFile: string): void {
    const config = JSON.parse(readFileSync(configFile, "utf8")) as Record<string, unknown>;
    for (const setting of peerSettings) {
      const peers = config[setting];
      if (!Array.isArray(peers)) continue;
      config[setting] = peers.map((peer) =>
        String(peer).replace(/:(\d+)(?=@|$)/g, (text, port) => {
          const through = this.#portOf.get(Number(port));
          return through === undefined ? text : `:${through}`;
        }),
      );
    }
    replaceFileSync(configFile, `${JSON.stringify(config, null, 2)}\n`);
  }
}
