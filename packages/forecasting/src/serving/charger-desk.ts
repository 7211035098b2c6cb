import type { FeedSnapshot } from "../feeds/charger-feed.ts";
import { ChargerForecast } from "./charger-forecast.ts";
import type { ReportedSite } from "./charger-report.ts";
import { DriftMonitor } from "./drift-monitor.ts";
import type { PointShares, ServedModel } from "./served-model.ts";

/** Snapshots that a model which comes later is told of. */
const keptMax = 96;

export interface DeskReport {
  readonly sites: readonly ReportedSite[];
  readonly horizon_min: number;
  readonly forecast: "model" | "baseline";
  /** Why the model does not forecast, where there is one or should be; empty otherwise. */
  readonly forecastNote: string;
}

/** Forecasts a network by its model while that is to be trusted, otherwise by the blend, and says which. */
export class ChargerDesk {
  readonly #forecast: ChargerForecast;
  readonly #kept: FeedSnapshot[] = [];
  #model: ServedModel | undefined;
  #refusal = "";
  #drift = new DriftMonitor();
  #told: { readonly model: PointShares; readonly blend: PointShares } | undefined;

  constructor(options: { readonly zone_min: number }) {
    this.#forecast = new ChargerForecast(options);
  }

  get at_ms(): number {
    return this.#forecast.at_ms;
  }

  /** Puts a model in service, which is told what came so far; the one before is closed. */
  async serve(model: ServedModel): Promise<void> {
    for (const snapshot of this.#kept) model.observe(snapshot);
    const before = this.#model;
    this.#model = model;
    this.#refusal = "";
    this.#drift = new DriftMonitor();
    this.#told = undefined;
    await before?.close();
  }

  /** The model that should serve cannot; whatever serves now goes on. */
  refuse(reason: string): void {
    this.#refusal = reason;
  }

  /** Takes the next snapshot; false where it is not later than the newest. */
  observe(snapshot: FeedSnapshot): boolean {
    if (!this.#forecast.observe(snapshot)) return false;
    if (this.#told !== undefined) this.#drift.add(snapshot, this.#told);
    this.#told = undefined;
    this.#model?.observe(snapshot);
    this.#kept.push(snapshot);
    if (this.#kept.length > keptMax) this.#kept.shift();
    return true;
  }

  async report(): Promise<DeskReport> {
    const { horizon_min } = this.#forecast;
    const sites = this.#forecast.sites();
    const model = await this.#model?.shares(this.at_ms + 60_000 * Math.max(1, horizon_min));
    if (model === undefined) return { sites, horizon_min, ...this.#byBlend(this.#refusal) };
    const plugs = sites.flatMap((site) => site.plugs);
    this.#told = { model, blend: new Map(plugs.map(({ id, shares }) => [id, shares])) };
    const { reason } = this.#drift;
    if (reason !== undefined) {
      return { sites, horizon_min, ...this.#byBlend(`the model has drifted: ${reason}`) };
    }
    const modelled = sites.map((site) => ({
      ...site,
      plugs: site.plugs.map((plug) => ({ ...plug, shares: model.get(plug.id) ?? plug.shares })),
    }));
    return { sites: modelled, horizon_min, forecast: "model", forecastNote: this.#refusal };
  }

  async close(): Promise<void> {
    await this.#model?.close();
  }

  #byBlend(forecastNote: string): Pick<DeskReport, "forecast" | "forecastNote"> {
    return { forecast: "baseline", forecastNote };
  }
}
