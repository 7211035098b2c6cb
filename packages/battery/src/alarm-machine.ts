import {
  type Movable,
  orNull,
  type SavedState,
  type StateReader,
  savedTime_ms,
} from "@voltfog/runtime";
import type { LevelLimits, SafetyLevel } from "./safe-operating-area.ts";

/** When an alarm is believed and when it ends. */
export interface AlarmRules {
  /** Which side of a limit is bad. */
  readonly side: "above" | "below";
  /** Asserted after this many readings in a row past the limit … */
  readonly assertEvents: number;
  /** … or once readings in a row past the limit span this time, whichever is first. */
  readonly assert_ms: number;
  /** A level ends only this far on the good side of its limit, in the unit of the class … */
  readonly hysteresis: number;
  /** … and only after readings have stayed there for this time. */
  readonly hold_ms: number;
}

/** A judged value: by how far which place passed which limits. */
export interface AlarmInput {
  readonly value: number;
  /** The limits that hold at this moment; they may depend on the direction of the current. */
  readonly limits: LevelLimits;
  /** Cell or sensor with this value. */
  readonly cell: number;
  /** Monotonic time. */
  readonly at_ms: number;
}

/** A level was reached or left. */
export interface AlarmChange {
  readonly state: "asserted" | "cleared";
  /** The level now reached, or the one that was left. */
  readonly level: SafetyLevel;
  readonly cell: number;
  readonly value: number;
  /** The limit of that level. */
  readonly limit: number;
  /** The level that holds from now on: that of an assertion, what is left after a clearance. */
  readonly remaining: 0 | SafetyLevel;
}

interface Debounce {
  events: number;
  since_ms: number;
  goodSince_ms: number | undefined;
}

const levels: readonly SafetyLevel[] = [1, 2, 3];

/**
 * One alarm with three levels. Each level is asserted after some readings or some time, cleared past a
 * hysteresis after a hold, and level 3 stays until reset. Values that are no number change nothing, and
 * time that runs back or jumps starts the waiting anew; no input makes it throw.
 */
export class AlarmMachine implements Movable {
  readonly #rules: AlarmRules;
  #level: 0 | SafetyLevel = 0;
  #last_ms: number | undefined;
  #debounce: Debounce[] = levels.map(fresh);

  constructor(rules: AlarmRules) {
    this.#rules = rules;
  }

  /** 0 while nothing is asserted. */
  get level(): 0 | SafetyLevel {
    return this.#level;
  }

  /** The change that this reading makes, if any: a rise goes straight to the highest level believed. */
  update(input: AlarmInput): AlarmChange | undefined {
    if (!Number.isFinite(input.value) || !Number.isFinite(input.at_ms)) return undefined;
    this.#noteTime(input.at_ms);
    const before = this.#level;
    const now = this.#next(before, input);
    this.#level = now;
    if (now === before) return undefined;
    const level = Math.max(now, before) as SafetyLevel;
    const { cell, value } = input;
    const limit = input.limits[level - 1] ?? 0;
    const state = now > before ? "asserted" : "cleared";
    return { state, level, cell, value, limit, remaining: now };
  }

  /** Ends every level, the latched one too; for the one who has looked at the cause. */
  reset(): void {
    this.#level = 0;
    this.#last_ms = undefined;
    this.#debounce = levels.map(fresh);
  }

  save(): SavedState {
    const debounce = this.#debounce.map(({ events, since_ms, goodSince_ms }) => {
      return { events, since_ms, goodSince_ms: orNull(goodSince_ms) };
    });
    return { level: this.#level, last_ms: orNull(this.#last_ms), debounce };
  }

  restore(from: StateReader): void {
    this.#level = from.oneOf("level", [0, ...levels]);
    this.#last_ms = from.maybe("last_ms", savedTime_ms);
    const debounce = from.objects("debounce", { max: levels.length });
    if (debounce.length !== levels.length) from.fail("a level is missing");
    this.#debounce = debounce.map((one) => {
      const events = one.whole("events", { min: 0, max: 1e15 });
      const since_ms = one.number("since_ms", savedTime_ms);
      const goodSince_ms = one.maybe("goodSince_ms", savedTime_ms);
      one.end();
      return { events, since_ms, goodSince_ms };
    });
    from.end();
  }

  #noteTime(at_ms: number): void {
    const last_ms = this.#last_ms;
    this.#last_ms = at_ms;
    if (last_ms === undefined || (at_ms >= last_ms && at_ms - last_ms <= silenceMax_ms)) return;
    for (const debounce of this.#debounce) {
      debounce.events = 0;
      if (debounce.goodSince_ms !== undefined) debounce.goodSince_ms = at_ms;
    }
  }

  #next(before: 0 | SafetyLevel, input: AlarmInput): 0 | SafetyLevel {
    let next: 0 | SafetyLevel = before === 0 ? 0 : this.#heldLevel(before, input);
    // Every level counts its own readings, so none may be left out.
    for (const level of levels) if (this.#isBelieved(level, input) && level > next) next = level;
    return next;
  }

  #isBelieved(level: SafetyLevel, input: AlarmInput): boolean {
    const debounce = this.#of(level);
    if (this.#margin(level, input) > 0) {
      debounce.events = 0;
      return false;
    }
    if (debounce.events === 0) debounce.since_ms = input.at_ms;
    debounce.events++;
    if (debounce.events >= this.#rules.assertEvents) return true;
    return debounce.events > 1 && input.at_ms - debounce.since_ms >= this.#rules.assert_ms;
  }

  /** The highest level up to the current one that has not been good for the hold yet; fatal stays. */
  #heldLevel(before: SafetyLevel, input: AlarmInput): 0 | SafetyLevel {
    for (const level of levels) this.#noteGood(level, input);
    if (before === 3) return 3;
    const held = levels.findLast((level) => level <= before && !this.#isOver(level, input));
    return held ?? 0;
  }

  #isOver(level: SafetyLevel, input: AlarmInput): boolean {
    const good_ms = this.#of(level).goodSince_ms;
    return good_ms !== undefined && input.at_ms - good_ms >= this.#rules.hold_ms;
  }

  #noteGood(level: SafetyLevel, input: AlarmInput): void {
    const debounce = this.#of(level);
    if (this.#margin(level, input) < this.#rules.hysteresis) debounce.goodSince_ms = undefined;
    else debounce.goodSince_ms ??= input.at_ms;
  }

  /** How far the value lies on the good side of the level's limit; 0 is at the limit, which is bad. */
  #margin(level: SafetyLevel, input: AlarmInput): number {
    const limit = input.limits[level - 1] ?? 0;
    return this.#rules.side === "above" ? limit - input.value : input.value - limit;
  }

  #of(level: number): Debounce {
    return this.#debounce[level - 1] as Debounce;
  }
}

/** After a longer silence nothing is known about the time between, so waiting starts anew. */
const silenceMax_ms = 10_000;

function fresh(): Debounce {
  return { events: 0, since_ms: 0, goodSince_ms: undefined };
}
