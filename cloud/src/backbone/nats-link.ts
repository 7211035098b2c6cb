import {
  type BackboneKind,
  type BackboneSpan,
  backboneSpanOf,
  backboneSubject,
} from "@voltfog/messages";
import { accepted, type MalformedProblem, type Outcome } from "@voltfog/runtime";
import type { BackboneMessage } from "@voltfog/runtime/nats";
import { decodeEntryPage, type EntryPage } from "../intake/entry-page.ts";
import { parseJson, recordOf } from "../live/json-value.ts";
import type { PageAsk, UnitLink } from "./unit-link.ts";

/** The part of a backbone that is read. */
export interface BackboneReader {
  next(o: {
    subject: string;
    reader: string;
    wait_ms: number;
  }): Promise<BackboneMessage | undefined>;
}

export interface NatsLinkOptions {
  readonly unitId: string;
  readonly backbone: BackboneReader;
  /** Where a stretch comes from that the broker no longer has. */
  readonly direct: UnitLink;
}

interface Held {
  readonly message: BackboneMessage;
  readonly span: BackboneSpan;
}

/** A stop is not held up longer than this by waiting for a message. */
const waitMax_ms = 5000;
/** Messages of before the cursor that are passed over in one call. */
const passedMax = 256;

/**
 * A unit's entries and events from a broker's stream, in the order in which the unit published them. A
 * message is done once the cursor is past it, so what a crash left unstored comes again; one that is wholly
 * stored is passed over, one that is partly stored is cut. Where the stream has a hole, since the broker
 * dropped its oldest messages or lost its newest, the unit is asked directly.
 */
export class NatsLink implements UnitLink {
  readonly #options: NatsLinkOptions;
  readonly #held = new Map<string, Held>();

  constructor(options: NatsLinkOptions) {
    this.#options = options;
  }

  async entries(ask: PageAsk): Promise<Outcome<EntryPage, MalformedProblem> | undefined> {
    const held = await this.#reach("entries", ask);
    if (held === undefined) return undefined;
    if (held.span.from > ask.from) {
      const limit = Math.min(ask.limit, held.span.from - ask.from);
      return await this.#options.direct.entries({ ...ask, limit, wait_ms: 0 });
    }
    const page = decodeEntryPage(held.message.bytes);
    if (!page.ok) return page;
    const first = ask.from - held.span.from;
    const entries = page.value.entries.slice(first, first + ask.limit);
    return accepted({ ...page.value, entries });
  }

  async events(ask: PageAsk): Promise<readonly unknown[]> {
    const held = await this.#reach("events", { ...ask, from: Math.max(1, ask.from) });
    if (held === undefined) return [];
    const items: unknown = parseJson(held.message.bytes);
    const isHole = held.span.from > Math.max(1, ask.from);
    if (isHole || !Array.isArray(items)) {
      return await this.#options.direct.events({ ...ask, wait_ms: 0 });
    }
    return items.filter((item) => Number(recordOf(item)["cursor"]) >= ask.from);
  }

  /** The broker cannot tell; where the unit cannot be asked either, its next log is found later. */
  async logs(
    signal: AbortSignal,
  ): Promise<readonly { readonly number: number; readonly size: number }[]> {
    return await this.#options.direct.logs(signal).catch(() => []);
  }

  /** The first message that ends beyond the cursor. */
  async #reach(kind: BackboneKind, ask: PageAsk): Promise<Held | undefined> {
    const { unitId, backbone } = this.#options;
    const subject = backboneSubject({ kind, unitId, log: ask.log });
    const reader = `cloud-${kind}-${unitId}-${ask.log}`;
    for (let passed = 0; passed < passedMax; passed++) {
      const held = this.#held.get(subject);
      if (held !== undefined && held.span.to > ask.from) return held;
      this.#held.delete(subject);
      held?.message.done();
      const wait_ms = Math.min(ask.wait_ms, waitMax_ms);
      const message = await backbone.next({ subject, reader, wait_ms });
      if (message === undefined) return undefined;
      const span = backboneSpanOf(message.header);
      // Without a span it is not of a unit of ours; it must not stand in the way of the next.
      if (span === undefined) message.done();
      else this.#held.set(subject, { message, span });
    }
    return undefined;
  }
}
