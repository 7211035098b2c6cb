import type { AlarmLevel } from "@voltfog/messages";
import {
  type Movable,
  orNull,
  type SavedState,
  type StateReader,
  savedTime_ms,
} from "@voltfog/runtime";
import type { Condition, OpenCondition } from "../network-function.ts";

/** What a function sees of a condition in one sample. */
export interface Sight extends Pick<Condition, "cell" | "value" | "limit" | "unit" | "sentence"> {
  /** 0 where the condition is not there. */
  readonly level: 0 | AlarmLevel;
}

/**
 * One named condition of one vehicle that a function sees or does not see in each sample: it is asserted
 * when it begins or grows, and cleared when it was away for a hold. After a restart an open condition goes on.
 */
export class OneCondition implements Movable {
  readonly #place: Pick<Condition, "name" | "class">;
  readonly #hold_ms: number;
  #standing: 0 | AlarmLevel;
  #awaySince_ms: number | undefined;

  constructor(
    options: Pick<Condition, "name" | "class"> & {
      hold_ms: number;
      /** Of this vehicle. */
      open: readonly OpenCondition[];
    },
  ) {
    const { name, class: eventClass, hold_ms, open } = options;
    this.#place = { name, class: eventClass };
    this.#hold_ms = hold_ms;
    this.#standing = open.find((condition) => condition.name === name)?.level ?? 0;
  }

  get standing(): 0 | AlarmLevel {
    return this.#standing;
  }

  /** What is new; a latched condition (level 3) is never cleared here. */
  update(sight: Sight, now_ms: number): Condition | undefined {
    const { level, ...seen } = sight;
    if (level > this.#standing) {
      this.#awaySince_ms = undefined;
      this.#standing = level;
      return this.#condition({ ...seen, state: "asserted", level: level || 1, standing: level });
    }
    if (level > 0 || this.#standing === 0 || this.#standing === 3) {
      this.#awaySince_ms = undefined;
      return undefined;
    }
    const since_ms = this.#awaySince_ms ?? now_ms;
    this.#awaySince_ms = Math.min(since_ms, now_ms);
    if (now_ms - this.#awaySince_ms < this.#hold_ms) return undefined;
    const left = this.#standing;
    this.#standing = 0;
    this.#awaySince_ms = undefined;
    return this.#condition({ ...seen, state: "cleared", level: left, standing: 0 });
  }

  save(): SavedState {
    return { standing: this.#standing, awaySince_ms: orNull(this.#awaySince_ms) };
  }

  restore(from: StateReader): void {
    this.#standing = from.oneOf<0 | AlarmLevel>("standing", [0, 1, 2, 3]);
    this.#awaySince_ms = from.maybe("awaySince_ms", savedTime_ms);
    from.end();
  }

  #condition(rest: Omit<Condition, "name" | "class">): Condition {
    return { ...this.#place, ...rest };
  }
}
