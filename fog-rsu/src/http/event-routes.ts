import { toHex } from "@voltfog/runtime";
import type { FeedItem } from "../events/event-journal.ts";
import type { EventRegister } from "../events/event-register.ts";
import type { ChangeSignal } from "./change-signal.ts";
import { type App, exactly, waitMax_ms, whole } from "./parameters.ts";

/** 2: an event names its condition and the level that stands. */
const itemVersion = 2;

interface EventsQuery {
  readonly from: number;
  readonly limit: number;
  readonly wait_ms: number;
}

/** Every change of an event's state in order, from a cursor on, by long poll. */
export function addEventRoutes(
  app: App,
  parts: { events: EventRegister; changed: ChangeSignal },
): void {
  const querystring = exactly({
    from: whole({ default: 1 }),
    limit: whole({ min: 1, max: 512, default: 256 }),
    wait_ms: whole({ max: waitMax_ms, default: 0 }),
  });
  app.get<{ Querystring: EventsQuery }>(
    "/v1/events",
    { schema: { querystring } },
    async (request) => {
      const { from, limit, wait_ms } = request.query;
      const { events, changed } = parts;
      await changed.until(() => events.cursor >= Math.max(1, from), wait_ms);
      return await eventItems(events, { from, limit });
    },
  );
}

type ServedItem = Readonly<Record<string, unknown>> & { readonly cursor: number };

/** The feed as it is served, from a cursor on. */
export async function eventItems(
  events: EventRegister,
  range: { from: number; limit: number },
): Promise<readonly ServedItem[]> {
  return (await events.read(range)).map(shown);
}

function shown({ cursor, recorded, final }: FeedItem): ServedItem {
  const { event, salt, recorded_ms } = recorded;
  return { version: itemVersion, cursor, event, salt: toHex(salt), recorded_ms, final };
}
