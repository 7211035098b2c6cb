import type { ChargerWatch } from "../chargers/charger-reports.ts";
import type { ChangeSignal } from "./change-signal.ts";
import { type App, exactly, waitMax_ms, whole } from "./parameters.ts";

export interface ChargerParts {
  /** Undefined where this unit follows no chargers, or not yet. */
  readonly watch: () => ChargerWatch | undefined;
  readonly changed: ChangeSignal;
}

/**
 * The newest report of the chargers by long poll: 204 where it is still the one of that count; 404 CHARGERS_UNKNOWN where this unit follows none.
 */
export function addChargerRoute(app: App, chargers: ChargerParts): void {
  const { changed } = chargers;
  const querystring = exactly({
    after: whole({ default: 0 }),
    wait_ms: whole({ max: waitMax_ms, default: 0 }),
  });
  app.get<{ Querystring: { after: number; wait_ms: number } }>(
    "/v1/chargers",
    { schema: { querystring } },
    async (request, reply) => {
      const watch = chargers.watch();
      if (watch === undefined) {
        const message = "this unit follows no chargers";
        return reply.status(404).send({ code: "CHARGERS_UNKNOWN", message });
      }
      const { after, wait_ms } = request.query;
      // A unit that began anew counts from one again.
      await changed.until(() => (watch.news?.count ?? after) !== after, wait_ms);
      const { news } = watch;
      if (news === undefined || news.count === after) return reply.status(204).send();
      return reply.type("application/json").send(Buffer.from(news.body));
    },
  );
}
