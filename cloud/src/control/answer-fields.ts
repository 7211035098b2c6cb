import { accepted, type Outcome, type Problem, refused } from "@voltfog/runtime";

export interface AnswerProblem extends Problem {
  readonly code: "ANSWER_INVALID";
  /** Place of the first fault, as in units[0].latency_ms. */
  readonly detail: string;
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

const textMax = 500;
const keyPattern = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
export const instantMax_ms = 253_402_300_799_999;

/**
 * Another process's JSON, read field by field; ANSWER_INVALID with the place of the first fault.
 * A field that must be there and is not, or one of another kind or range, refuses the whole answer.
 * Unknown fields are passed over, so that a newer process is understood.
 */
export function decodeAnswer<T>(
  value: unknown,
  read: (fields: Fields) => T,
): Outcome<T, AnswerProblem> {
  const faults: string[] = [];
  const result = read(new Fields({ value, place: "", faults }));
  const [detail] = faults;
  return detail === undefined ? accepted(result) : refused({ code: "ANSWER_INVALID", detail });
}

/** The fields of one object; a fault is noted and a stand-in given, so that reading goes on. */
export class Fields {
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #place: string;
  readonly #faults: string[];

  constructor(options: { value: unknown; place: string; faults: string[] }) {
    const { value, place, faults } = options;
    const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
    this.#record = isRecord ? (value as Record<string, unknown>) : {};
    this.#place = place;
    this.#faults = faults;
    if (!isRecord) faults.push(place === "" ? "not an object" : place);
  }

  #at(key: string): unknown {
    return Object.hasOwn(this.#record, key) ? (this.#record[key] ?? undefined) : undefined;
  }

  #fault(key: string): void {
    this.#faults.push(this.#place === "" ? key : `${this.#place}.${key}`);
  }

  has(key: string): boolean {
    return this.#at(key) !== undefined;
  }

  text(key: string): string {
    const value = this.#at(key);
    if (typeof value === "string" && value.length <= textMax) return value;
    this.#fault(key);
    return "";
  }

  textOrNull(key: string): string | null {
    return this.has(key) ? this.text(key) : null;
  }

  oneOf<T extends string>(key: string, values: readonly T[], absent: T): T {
    const value = this.#at(key);
    const found = values.find((one) => one === value);
    if (found === undefined && value !== undefined) this.#fault(key);
    return found ?? absent;
  }

  flag(key: string): boolean {
    const value = this.#at(key);
    if (typeof value !== "boolean") this.#fault(key);
    return value === true;
  }

  /** A flag that older answers do not have is false. */
  flagIfSaid(key: string): boolean {
    return this.#at(key) === undefined ? false : this.flag(key);
  }

  /** Never negative unless the range says so. */
  number(key: string, { min = 0, max = Number.MAX_SAFE_INTEGER }: Range = {}): number {
    const value = this.#at(key);
    if (typeof value === "number" && value >= min && value <= max) return value;
    this.#fault(key);
    return min;
  }

  numberOrNull(key: string, range: Range = {}): number | null {
    return this.has(key) ? this.number(key, range) : null;
  }

  whole(key: string, range: Range = {}): number {
    const value = this.number(key, range);
    if (!Number.isInteger(value)) this.#fault(key);
    return Math.trunc(value);
  }

  wholeOrNull(key: string, range: Range = {}): number | null {
    return this.has(key) ? this.whole(key, range) : null;
  }

  /** Milliseconds since the Unix epoch. */
  instantOrNull(key: string): number | null {
    const value = this.numberOrNull(key, { max: instantMax_ms });
    return value === null ? null : Math.round(value);
  }

  /** The object there; null where there is none. */
  partOrNull<T>(key: string, read: (fields: Fields) => T): T | null {
    if (!this.has(key)) return null;
    return read(
      new Fields({ value: this.#at(key), place: this.#placeOf(key), faults: this.#faults }),
    );
  }

  /** Empty where there is none; more than `max` is a fault. */
  list<T>(key: string, max: number, read: (fields: Fields) => T): readonly T[] {
    return this.#items(key, max).map((value, at) => {
      const place = `${this.#placeOf(key)}[${at}]`;
      return read(new Fields({ value, place, faults: this.#faults }));
    });
  }

  texts(key: string, max: number): readonly string[] {
    return this.#items(key, max).map((value, at) => {
      if (typeof value === "string" && value.length <= textMax) return value;
      this.#fault(`${key}[${at}]`);
      return "";
    });
  }

  /** Numbers by name; empty where there are none. */
  numbers(key: string, max: number): Readonly<Record<string, number>> {
    const value = this.#at(key);
    if (value === undefined) return {};
    const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
    const entries = isRecord ? Object.entries(value) : [];
    const isSound =
      isRecord &&
      entries.length <= max &&
      entries.every(([name, one]) => keyPattern.test(name) && Number.isFinite(one));
    if (!isSound) this.#fault(key);
    return isSound ? Object.fromEntries(entries) : {};
  }

  #items(key: string, max: number): readonly unknown[] {
    const value = this.#at(key);
    if (value === undefined) return [];
    if (Array.isArray(value) && value.length <= max) return value;
    this.#fault(key);
    return [];
  }

  #placeOf(key: string): string {
    return this.#place === "" ? key : `${this.#place}.${key}`;
  }
}
