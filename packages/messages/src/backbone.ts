/** What a unit publishes on a backbone with a broker. */
export type BackboneKind = "entries" | "events";

/**
 * A stretch of a unit's log or journal: first position and the one after the last. Both sides know where
 * they are by these alone, so a message that comes twice, late or not at all is seen as such.
 */
export interface BackboneSpan {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** All subjects of the backbone begin with this. */
export const backbonePrefix = "voltfog.v1.backbone";

/** Where one kind of one log of a unit is published. */
export function backboneSubject(o: {
  kind: BackboneKind;
  unitId: string;
  /** Which of the unit's logs; the first is 1. */
  log: number;
}): string {
  return `${backbonePrefix}.${o.kind}.${o.unitId}.${o.log}`;
}

/** Names a message for good, so that a broker takes a repeat of it once. */
export function backboneMessageId(subject: string, span: BackboneSpan): string {
  return `${subject}/${span.from}-${span.to}`;
}

/**
 * The message's attributes as CloudEvents 1.0 puts them into headers (NATS protocol binding, binary mode);
 * from and to are extensions.
 */
export function backboneHeaders(o: {
  kind: BackboneKind;
  unitId: string;
  id: string;
  span: BackboneSpan;
}): Readonly<Record<string, string>> {
  return {
    "ce-specversion": "1.0",
    "ce-id": o.id,
    "ce-source": `/units/${o.unitId}`,
    "ce-type": `voltfog.${o.kind}.v1`,
    "content-type": o.kind === "entries" ? "application/octet-stream" : "application/json",
    "ce-from": `${o.span.from}`,
    "ce-to": `${o.span.to}`,
  };
}

/** The span that a message's headers state; undefined where they state none. */
export function backboneSpanOf(header: (name: string) => string): BackboneSpan | undefined {
  const number = (name: string): number => {
    const text = header(name);
    return /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  };
  const span = { from: number("ce-from"), to: number("ce-to") };
  const isSpan =
    Number.isSafeInteger(span.from) && Number.isSafeInteger(span.to) && span.from < span.to;
  return isSpan ? span : undefined;
}
