import type { Clock, Logger } from "@voltfog/runtime";
import type { Fleet } from "../access/fleet-directory.ts";
import type { EventView } from "../api/responses.ts";
import type { Alert, AlertFinding, AlertNews } from "./alert.ts";
import type { AlertSettings } from "./alert-settings.ts";
import type { AlertStore, Delivery } from "./alert-store.ts";
import { type DayFigures, findingsInDay, findingsInEvent } from "./find-alerts.ts";
import { type AlertChanged, judgeBatch } from "./judge-batch.ts";
import { returns_ms } from "./judge-finding.ts";

export interface AlertDeskOptions {
  readonly store: AlertStore;
  readonly settings: () => AlertSettings;
  readonly fleetOf: (vehicleId: string) => Fleet;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Alerts that stand at most; a further one is refused loudly until some are closed. */
const standingMax = 100_000;
const day_ms = 86_400_000;
const alertsKept_d = 400;
const deliveriesKept_d = 30;

/**
 * Keeps alerts: what rules find becomes one alert per condition, told once; one that nobody acknowledges is
 * escalated; each change and the messages about it are one transaction. Operations run one after the other.
 */
export class AlertDesk {
  readonly #options: AlertDeskOptions;
  /** The newest alert of each key that stands or was closed a moment ago. */
  readonly #newest = new Map<string, Alert>();
  #ids = { alert: 0, delivery: 0 };
  #last: Promise<unknown> = Promise.resolve();
  #pruned_ms = 0;

  constructor(options: AlertDeskOptions) {
    this.#options = options;
  }

  /** Brings the desk to where the store is. */
  async restore(): Promise<void> {
    const { store, clock } = this.#options;
    this.#newest.clear();
    for (const alert of await store.current(clock.wall_ms() - returns_ms)) {
      this.#newest.set(alert.key, alert);
    }
    this.#ids = { ...(await store.newestIds()) };
  }

  /** Takes events in the order of their cursors, and moves the cursor with what they raised. */
  takeEvents(events: readonly EventView[], eventCursor: number): Promise<void> {
    const { rules } = this.#options.settings();
    const findings = events.flatMap((event) => findingsInEvent(event, rules));
    return this.#take(findings, { eventCursor });
  }

  takeDays(days: readonly DayFigures[]): Promise<void> {
    const { rules } = this.#options.settings();
    const findings = days.flatMap((day) => findingsInDay(day, rules));
    return findings.length === 0 ? Promise.resolve() : this.#take(findings, {});
  }

  /** undefined where there is no such alert. Acknowledging again changes nothing. */
  acknowledge(o: { id: number; by: string; note: string | null }): Promise<Alert | undefined> {
    return this.#inTurn(async () => {
      const known = await this.#options.store.alert(o.id);
      if (known === undefined || known.state !== "open") return known;
      const acknowledged_ms = this.#options.clock.wall_ms();
      const who = { acknowledged_ms, acknowledgedBy: o.by, note: o.note };
      const alert: Alert = { ...known, ...who, state: "acknowledged" };
      await this.#commit([{ alert, news: undefined }], {});
      return alert;
    });
  }

  /** Escalates what nobody acknowledged in time, and removes what ended long ago. */
  tick(): Promise<void> {
    return this.#inTurn(async () => {
      const { store, settings, clock } = this.#options;
      const now_ms = clock.wall_ms();
      const { after_ms } = settings().escalate;
      const late = [...this.#newest.values()].filter(
        ({ state, escalated_ms, opened_ms }) =>
          state === "open" && escalated_ms === null && now_ms - opened_ms >= after_ms,
      );
      if (late.length > 0) {
        await this.#commit(
          late.map((alert) => ({ alert: { ...alert, escalated_ms: now_ms }, news: "escalated" })),
          {},
        );
      }
      for (const [key, { state, closed_ms }] of this.#newest) {
        if (state === "closed" && now_ms - (closed_ms ?? 0) >= returns_ms) this.#newest.delete(key);
      }
      if (now_ms - this.#pruned_ms < day_ms) return;
      this.#pruned_ms = now_ms;
      await store.prune({
        alerts_ms: now_ms - alertsKept_d * day_ms,
        deliveries_ms: now_ms - deliveriesKept_d * day_ms,
      });
    });
  }

  /** Resolves when everything that was begun is durable. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #take(findings: readonly AlertFinding[], o: { eventCursor?: number }): Promise<void> {
    return this.#inTurn(async () => {
      const { clock, logger } = this.#options;
      const now_ms = clock.wall_ms();
      const { changes, lastId, refused } = judgeBatch(findings, {
        ...{ newest: this.#newest, lastId: this.#ids.alert, now_ms, standingMax },
      });
      if (refused.length > 0) {
        logger.error("alerts refused: too many stand", {
          refused: refused.length,
          key: refused[0],
        });
      }
      await this.#commit(changes, { ...o, lastAlert: lastId });
    });
  }

  async #commit(
    changes: readonly AlertChanged[],
    o: { eventCursor?: number; lastAlert?: number },
  ): Promise<void> {
    const { store } = this.#options;
    const { lastAlert, ...cursor } = o;
    const messages = changes.flatMap(({ alert, news }) =>
      news === undefined ? [] : this.#messages(alert, news),
    );
    const deliveries = messages.map((message, at) => ({
      ...message,
      id: this.#ids.delivery + at + 1,
    }));
    await store.commit({ alerts: changes.map(({ alert }) => alert), deliveries, ...cursor });
    this.#ids.alert = lastAlert ?? this.#ids.alert;
    this.#ids.delivery += deliveries.length;
    for (const { alert } of changes) this.#newest.set(alert.key, alert);
  }

  /** To whom the news go: an escalation to those it is meant for, the rest to those of every day. */
  #messages(alert: Alert, news: AlertNews): readonly Omit<Delivery, "id">[] {
    const { settings, fleetOf, clock } = this.#options;
    const { receivers, notify, escalate } = settings();
    if (news !== "escalated" && alert.level < notify.levelMin) return [];
    // Who heard of the escalation hears of the end.
    const names = news === "escalated" ? escalate.receivers : notify.receivers;
    const ended = news === "closed" && alert.escalated_ms !== null ? escalate.receivers : [];
    // The chain records all that anybody is told.
    const chain = receivers.filter(({ kind }) => kind === "chain").map(({ id }) => id);
    const fleet = fleetOf(alert.vehicleId);
    const created_ms = clock.wall_ms();
    return [...new Set([...names, ...ended, ...chain])].flatMap((name) => {
      const receiver = receivers.find(({ id }) => id === name);
      if (receiver === undefined) return [];
      if (receiver.fleet !== undefined && receiver.fleet !== fleet) return [];
      const body = JSON.stringify({ version: 1, news, alert });
      const waiting = { attempts: 0, next_ms: created_ms, state: "waiting" as const };
      const nothing = { ended_ms: null, error: null, restsOn: null, eventId: null };
      const lane = receiver.kind === "chain" ? alert.vehicleId : "";
      return [
        { receiver: name, alertId: alert.id, news, created_ms, ...waiting, ...nothing, body, lane },
      ];
    });
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const run = this.#last.then(task);
    this.#last = run.catch(() => {});
    return run;
  }
}
