import { Gauge, type Registry } from "prom-client";
import type { Leadership } from "../leadership/leadership.ts";
import type { PlacementBook } from "../placement/placement-book.ts";
import type { UnitHealth } from "../topology/unit-monitor.ts";

/** What the controller decides from and what came of it, read at the moment of the scrape. */
export function addMetrics(
  registry: Registry,
  parts: {
    book: PlacementBook;
    leadership: Leadership;
    health: () => readonly UnitHealth[];
  },
): void {
  const registers = [registry];
  new Gauge({
    name: "voltfog_controller_unit_alive",
    help: "1 for a unit that answers, 0 for a dead one",
    labelNames: ["unit"],
    registers,
    collect() {
      for (const unit of parts.health()) this.set({ unit: unit.id }, unit.alive ? 1 : 0);
    },
  });
  new Gauge({
    name: "voltfog_controller_unit_latency_seconds",
    help: "median round trip to a unit",
    labelNames: ["unit"],
    registers,
    collect() {
      for (const unit of parts.health()) {
        if (unit.latency_ms !== null) this.set({ unit: unit.id }, unit.latency_ms / 1000);
      }
    },
  });
  new Gauge({
    name: "voltfog_controller_vehicles",
    help: "vehicles with an attachment",
    registers,
    collect() {
      this.set(parts.book.attachments.length);
    },
  });
  new Gauge({
    name: "voltfog_controller_leading",
    help: "1 while this controller leads, 0 while it is passive",
    registers,
    collect() {
      this.set(parts.leadership.role === "leading" ? 1 : 0);
    },
  });
  new Gauge({
    name: "voltfog_controller_term",
    help: "the highest term that this controller knows",
    registers,
    collect() {
      this.set(parts.leadership.term);
    },
  });
  new Gauge({
    name: "voltfog_controller_moves",
    help: "vehicles that came or moved since this process started",
    registers,
    collect() {
      this.set(parts.book.history.count);
    },
  });
  new Gauge({
    name: "voltfog_controller_placement_version",
    help: "grows with every change of who belongs where",
    registers,
    collect() {
      this.set(parts.book.version);
    },
  });
}
