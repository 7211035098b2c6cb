import { backbonePrefix } from "@voltfog/messages";
import { utf8 } from "@voltfog/runtime";
import { messageMax_bytes, NatsBackbone } from "@voltfog/runtime/nats";
import type { TlsIdentity } from "@voltfog/runtime/node";
import type { EventRegister } from "../events/event-register.ts";
import type { ChangeSignal } from "../http/change-signal.ts";
import { entryPage } from "../http/entry-routes.ts";
import { eventItems } from "../http/event-routes.ts";
import type { UnitLog } from "../log/unit-log.ts";
import type { RsuPorts } from "../rsu-ports.ts";
import { BackbonePublisher, type BackboneSource } from "./backbone-publisher.ts";

export interface BackboneParts {
  readonly config: { readonly id: string; readonly natsUrl: string; readonly natsServerId: string };
  readonly identity: TlsIdentity;
  readonly ports: RsuPorts;
  readonly log: UnitLog;
  readonly logNumber: number;
  readonly events: EventRegister;
  readonly grown: ChangeSignal;
  readonly changed: ChangeSignal;
}

/** A page ends after the entry that reaches this; one frame has 128 KiB at most. */
const pageMax_bytes = messageMax_bytes - 262_144;
const entriesMax = 1024;
const eventsMax = 256;

/**
 * Publishes the unit's entries and events on a NATS server where the configuration names one; gives what
 * ends it. The unit waits for none of this: what is not published is in its log.
 */
export function startBackbone(parts: BackboneParts): () => Promise<void> {
  const { config, identity, ports, logNumber } = parts;
  if (config.natsUrl === "") return () => Promise.resolve();
  const backbone = new NatsBackbone({
    url: config.natsUrl,
    serverId: config.natsServerId,
    identity,
    name: config.id,
    prefix: backbonePrefix,
  });
  const stopping = new AbortController();
  const running = sourcesOf(parts).map((source) =>
    new BackbonePublisher({
      ...{ unitId: config.id, log: logNumber, source, backbone },
      ...ports,
    }).run(stopping.signal),
  );
  return async () => {
    stopping.abort();
    parts.grown.notify();
    parts.changed.notify();
    await backbone.close();
    await Promise.race([Promise.all(running), after(ports)]);
  };
}

/** A publisher that waits for something new has nothing to finish. */
function after({ clock }: RsuPorts): Promise<void> {
  return new Promise((resolve) => clock.after(100, resolve));
}

function sourcesOf({ log, events, grown, changed }: BackboneParts): readonly BackboneSource[] {
  return [
    {
      kind: "entries",
      first: 0,
      until: (from, wait_ms) => grown.until(() => log.newest.size > from, wait_ms),
      async read(from) {
        const { bytes, entries } = await entryPage(log, { from, limit: entriesMax, pageMax_bytes });
        return entries === 0 ? undefined : { bytes, to: from + entries };
      },
    },
    {
      kind: "events",
      first: 1,
      until: (from, wait_ms) => changed.until(() => events.cursor >= from, wait_ms),
      async read(from) {
        const items = await eventItems(events, { from, limit: eventsMax });
        const last = items.at(-1)?.cursor;
        if (last === undefined) return undefined;
        return { bytes: utf8(JSON.stringify(items)), to: last + 1 };
      },
    },
  ];
}
