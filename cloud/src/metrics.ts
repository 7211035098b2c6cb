import { Counter, Gauge, type Registry } from "prom-client";
import type { SiteViews } from "./live/site-views.ts";

/** What Prometheus reads of this process, beside the runtime's own figures. */
export interface CloudMetrics {
  readonly entries: Counter<"unit">;
  readonly samples: Counter<"unit">;
  readonly events: Counter<"unit">;
  readonly blocks: Counter;
  readonly incidents: Counter<"code">;
}

export function createMetrics(registry: Registry): CloudMetrics {
  const registers = [registry];
  return {
    entries: new Counter({
      name: "voltfog_cloud_entries_total",
      help: "Log entries stored",
      labelNames: ["unit"],
      registers,
    }),
    samples: new Counter({
      name: "voltfog_cloud_samples_total",
      help: "Samples stored",
      labelNames: ["unit"],
      registers,
    }),
    events: new Counter({
      name: "voltfog_cloud_events_total",
      help: "Events stored",
      labelNames: ["unit"],
      registers,
    }),
    blocks: new Counter({
      name: "voltfog_cloud_blocks_total",
      help: "Final blocks verified, executed and stored",
      registers,
    }),
    incidents: new Counter({
      name: "voltfog_cloud_incidents_total",
      help: "Contradictions between units, chain and store; anything above 0 needs someone",
      labelNames: ["code"],
      registers,
    }),
  };
}

/** Figures that are read when someone asks. */
export function observe(
  registry: Registry,
  options: { views: SiteViews; clients: () => number },
): void {
  const registers = [registry];
  const { views } = options;
  const perUnit = [
    { name: "voltfog_cloud_log_size", help: "Entries of a log stored", key: "cursor" },
    {
      name: "voltfog_cloud_final_size",
      help: "Entries of a log verified as final",
      key: "finalSize",
    },
    {
      name: "voltfog_cloud_log_lag",
      help: "Entries a unit has and this store has not",
      key: "lag",
    },
  ] as const;
  for (const { name, help, key } of perUnit) {
    new Gauge({
      name,
      help,
      labelNames: ["unit"],
      registers,
      collect() {
        for (const unit of views.units()) this.set({ unit: unit.id }, unit[key]);
      },
    });
  }
  new Gauge({
    name: "voltfog_cloud_height",
    help: "Height of the newest verified block",
    registers,
    collect() {
      this.set(views.height);
    },
  });
  new Gauge({
    name: "voltfog_cloud_links_open",
    help: "Entries whose frame before is in no log: undeclared holes, once all units are followed",
    registers,
    collect() {
      this.set(views.summary().linksOpen);
    },
  });
  new Gauge({
    name: "voltfog_cloud_live_clients",
    help: "Clients of the live feed",
    registers,
    collect() {
      this.set(options.clients());
    },
  });
}
