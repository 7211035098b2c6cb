import type { MalformedProblem } from "./bytes.ts";
import { accepted, type Outcome, refused } from "./outcome.ts";

/** What JSON can say; numbers are finite. */
export type SavedValue =
  | null
  | boolean
  | number
  | string
  | readonly SavedValue[]
  | { readonly [name: string]: SavedValue };

/** A component's state on its way to another process: plain JSON that its own reader takes back. */
export type SavedState = Readonly<Record<string, SavedValue>>;

/** Whose state can move to another process. One whose `restore` failed is not used any more. */
export interface Movable {
  save(): SavedState;
  /** Takes up what an equal one saved; reads every field and fails on what is not as it must be. */
  restore(from: StateReader): void;
}

/** Which numbers are taken. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** A time of a monotonic or a wall clock. */
export const savedTime_ms: NumberRange = { min: 0, max: 1e15 };

/** Any finite number that a filter may hold; what is larger comes from no measurement. */
export const savedNumber: NumberRange = { min: -1e12, max: 1e12 };

/** Null for what JSON cannot say: undefined, NaN and the infinities. */
export function orNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** Numbers in their exact eight bytes each, little-endian, as base64; NaN included. */
export function packNumbers(numbers: ArrayLike<number>): string {
  const bytes = new Uint8Array(8 * numbers.length);
  if (isLittleEndian) new Float64Array(bytes.buffer).set(numbers);
  else {
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < numbers.length; i++) view.setFloat64(8 * i, numbers[i] ?? 0, true);
  }
  let text = "";
  for (let at = 0; at < bytes.length; at += chunk_bytes) {
    // Spreading the bytes would walk them one by one.
    text += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + chunk_bytes));
  }
  return btoa(text);
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
/** Arguments that one call takes on every engine. */
const chunk_bytes = 4096;

class MalformedState extends Error {}

/**
 * Reads a saved state that somebody else may have written. Its methods throw a private error on what is not as
 * it must be, so it is used only inside {@link decodeState}, which turns that into an Outcome.
 */
export class StateReader {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #place: string;
  readonly #unread: Set<string>;

  constructor(value: unknown, place = "") {
    this.#place = place;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new MalformedState(`${place || "the state"} is no object`);
    }
    this.#fields = value as Readonly<Record<string, unknown>>;
    this.#unread = new Set(Object.keys(value));
  }

  fail(reason: string): never {
    throw new MalformedState(this.#place === "" ? reason : `${this.#place}: ${reason}`);
  }

  number(name: string, range: NumberRange): number {
    const value = this.#take(name);
    return isWithin(value, range) ? value : this.#wrong(name);
  }

  /** Undefined where the state holds null. */
  maybe(name: string, range: NumberRange): number | undefined {
    const value = this.#take(name);
    if (value === null) return undefined;
    return isWithin(value, range) ? value : this.#wrong(name);
  }

  whole(name: string, range: NumberRange): number {
    const value = this.number(name, range);
    return Number.isSafeInteger(value) ? value : this.#wrong(name);
  }

  flag(name: string): boolean {
    const value = this.#take(name);
    return typeof value === "boolean" ? value : this.#wrong(name);
  }

  text(name: string, lengthMax: number): string {
    const value = this.#take(name);
    return typeof value === "string" && value.length <= lengthMax ? value : this.#wrong(name);
  }

  /** One of a closed list. */
  oneOf<T>(name: string, known: readonly T[]): T {
    const value = this.#take(name);
    return known.find((one) => one === value) ?? this.#wrong(name);
  }

  /** What packNumbers wrote: exactly so many, each within the range, or NaN where that is allowed. */
  numbers(
    name: string,
    options: NumberRange & { readonly length: number; readonly mayBeNaN?: boolean },
  ): Float64Array {
    const { length, mayBeNaN = false } = options;
    const packed = this.text(name, Math.ceil((8 * length) / 3) * 4);
    const numbers = unpack(packed, length) ?? this.#wrong(name);
    for (const value of numbers) {
      if (!isWithin(value, options) && !(mayBeNaN && Number.isNaN(value))) this.#wrong(name);
    }
    return numbers;
  }

  /** The same; undefined where the state holds null. */
  maybeNumbers(
    name: string,
    options: Parameters<StateReader["numbers"]>[1],
  ): Float64Array | undefined {
    return this.#take(name) === null ? undefined : this.numbers(name, options);
  }

  /** Anything, for somebody else to decode; undefined where it is missing. */
  any(name: string): unknown {
    return this.#take(name);
  }

  object(name: string): StateReader {
    return new StateReader(this.#take(name), this.#placeOf(name));
  }

  maybeObject(name: string): StateReader | undefined {
    const value = this.#take(name);
    return value === null ? undefined : new StateReader(value, this.#placeOf(name));
  }

  objects(name: string, range: { readonly max: number }): readonly StateReader[] {
    const value = this.#take(name);
    if (!Array.isArray(value) || value.length > range.max) return this.#wrong(name);
    return value.map((one, at) => new StateReader(one, `${this.#placeOf(name)} ${at}`));
  }

  /** Refuses what was not read: a state of another form is no state. */
  end(): void {
    const [surplus] = this.#unread;
    if (surplus !== undefined) this.fail(`${surplus.slice(0, 32)} is none of the state`);
  }

  #take(name: string): unknown {
    this.#unread.delete(name);
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  #wrong(name: string): never {
    return this.fail(`${name} is not as it must be`);
  }

  #placeOf(name: string): string {
    return this.#place === "" ? name : `${this.#place}, ${name}`;
  }
}

/** What `read` makes of a state that came as JSON, or MALFORMED with the first field that is not as it must be. */
export function decodeState<T>(
  value: unknown,
  read: (reader: StateReader) => T,
): Outcome<T, MalformedProblem> {
  try {
    const reader = new StateReader(value);
    const made = read(reader);
    reader.end();
    return accepted(made);
  } catch (thrown) {
    if (!(thrown instanceof MalformedState)) throw thrown;
    return refused({ code: "MALFORMED", detail: thrown.message });
  }
}

function isWithin(value: unknown, { min, max }: NumberRange): value is number {
  return typeof value === "number" && value >= min && value <= max;
}

function unpack(packed: string, length: number): Float64Array | undefined {
  if (packed.length !== Math.ceil((8 * length) / 3) * 4) return undefined;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return undefined;
  const text = atob(packed);
  if (text.length !== 8 * length) return undefined;
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length }, (_, i) => view.getFloat64(8 * i, true));
}
