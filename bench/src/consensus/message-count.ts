import { type MessageKind, messageKindOf } from "@voltfog/consensus/node";

/** Messages of one kind that left a validator. */
export interface CountedMessages {
  readonly kind: MessageKind;
  /** Said for the first time to that peer. */
  readonly first: number;
  /** Said to it before, byte for byte. */
  readonly again: number;
}

/** Messages to one peer that are remembered, to know what was said before: a few heights of votes. */
const rememberedMax = 512;
/** A message's end is a signature, or a list that ends with one; together with its length it is a name. */
const tail_bytes = 80;

/** Counts messages by kind; what is said again to the same peer is counted apart. */
export class MessageCount {
  readonly #counts = new Map<MessageKind, { first: number; again: number }>();
  readonly #said = new Map<number, Set<string>>();

  get all(): readonly CountedMessages[] {
    return [...this.#counts].map(([kind, count]) => ({ kind, ...count }));
  }

  sent(to: number, bytes: Uint8Array): void {
    const kind = messageKindOf(bytes);
    const count = this.#counts.get(kind) ?? { first: 0, again: 0 };
    this.#counts.set(kind, count);
    if (isVote(kind) && this.#wasSaid(to, bytes)) count.again++;
    else count.first++;
  }

  #wasSaid(to: number, bytes: Uint8Array): boolean {
    const said = this.#said.get(to) ?? new Set();
    this.#said.set(to, said);
    const tail = Buffer.from(bytes.subarray(-tail_bytes)).toString("latin1");
    const name = `${bytes.length} ${bytes[2]} ${tail}`;
    if (said.has(name)) return true;
    said.add(name);
    const [oldest] = said;
    if (said.size > rememberedMax && oldest !== undefined) said.delete(oldest);
    return false;
  }
}

/** Those of several validators together. */
export function summed(each: readonly (readonly CountedMessages[])[]): readonly CountedMessages[] {
  const sums = new Map<MessageKind, { first: number; again: number }>();
  for (const { kind, first, again } of each.flat()) {
    const sum = sums.get(kind) ?? { first: 0, again: 0 };
    sums.set(kind, { first: sum.first + first, again: sum.again + again });
  }
  return [...sums].map(([kind, sum]) => ({ kind, ...sum }));
}

/** Whether a message belongs to a decision. */
export function isVote(kind: MessageKind): boolean {
  return kind !== "transactions" && kind !== "blocks" && kind !== "other";
}
