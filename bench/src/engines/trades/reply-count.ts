import type { OutcomeNotice, OutcomeWord } from "../../consensus/outcome-door.ts";
import type { Signed } from "./pair-script.ts";

/** What f + 1 validators said alike of a transaction, and when the last of them did. */
export interface Answer {
  readonly word: OutcomeWord;
  readonly at_ms: number;
}

/** An order that has no answer yet. */
export interface Waiting {
  readonly signed: Signed;
  readonly answered: (answer: Answer) => void;
  /** Whom it was given to. */
  door: number;
}

interface Counted extends Waiting {
  /** Who said what, as a bit for each door; a word counts with its height. */
  readonly said: Map<string, number>;
}

/** Orders that wait, and what doors say of them: an outcome counts once f + 1 doors say the same. */
export class ReplyCount {
  readonly #replies: number;
  readonly #waiting = new Map<string, Counted>();

  /** `replies` is f + 1; doors are numbered from 0 to 30. */
  constructor(replies: number) {
    this.#replies = replies;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(waiting: Waiting): void {
    this.#waiting.set(keyOf(waiting.signed.hash), { ...waiting, said: new Map() });
  }

  /** Those that were given to a door; their door may be changed. */
  of(door: number): readonly Waiting[] {
    return [...this.#waiting.values()].filter((waiting) => waiting.door === door);
  }

  /** What one door says. It turns away in its own name alone, and only what it was given. */
  hear(place: number, { height, outcomes }: OutcomeNotice, at_ms: number): void {
    for (const { hash, word } of outcomes) {
      const key = keyOf(hash);
      const waiting = this.#waiting.get(key);
      if (waiting === undefined) continue;
      const counts =
        word === "turned-away"
          ? waiting.door === place
          : this.#isAgreed(waiting, place, `${height} ${word}`);
      if (!counts) continue;
      this.#waiting.delete(key);
      waiting.answered({ word, at_ms });
    }
  }

  /** Forgets what has no answer; gives how many those were. */
  forget(): number {
    const count = this.#waiting.size;
    this.#waiting.clear();
    return count;
  }

  #isAgreed({ said }: Counted, place: number, statement: string): boolean {
    const doors = (said.get(statement) ?? 0) | (1 << place);
    said.set(statement, doors);
    return bitsOf(doors) >= this.#replies;
  }
}

function keyOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString("latin1");
}

function bitsOf(word: number): number {
  let count = 0;
  for (let left = word; left !== 0; left &= left - 1) count++;
  return count;
}
