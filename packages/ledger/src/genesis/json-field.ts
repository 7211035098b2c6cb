import { accepted, fromHex, messageOf, type Outcome, refused } from "@voltfog/runtime";

class InvalidField extends Error {}

/**
 * One value of a parsed JSON document and the place where it stands. Its methods throw a private
 * error on anything unexpected, so it is used only inside {@link readJson}.
 */
export class JsonField {
  readonly #value: unknown;
  readonly #place: string;

  constructor(options: { value: unknown; place: string }) {
    this.#value = options.value;
    this.#place = options.place;
  }

  /** An object with exactly these keys, and any of the optional ones. */
  object<const K extends string, const O extends string = never>(
    keys: readonly K[],
    optional: readonly O[] = [],
  ): Readonly<Record<K, JsonField> & Partial<Record<O, JsonField>>> {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return this.#fail("is not an object");
    }
    const present = Object.keys(value);
    const known: readonly string[] = [...keys, ...optional];
    const unknown = present.find((key) => !known.includes(key));
    if (unknown !== undefined) this.#fail(`has the unknown key ${unknown}`);
    const missing = keys.find((key) => !present.includes(key));
    if (missing !== undefined) this.#fail(`has no ${missing}`);
    const fields = known
      .filter((key) => present.includes(key))
      .map((key) => [
        key,
        new JsonField({ value: (value as Record<string, unknown>)[key], place: this.#at(key) }),
      ]);
    return Object.fromEntries(fields) as Record<K, JsonField> & Partial<Record<O, JsonField>>;
  }

  list<T>(options: { min?: number; limit: number; read: (field: JsonField) => T }): readonly T[] {
    const value = this.#value;
    if (!Array.isArray(value)) return this.#fail("is not a list");
    const min = options.min ?? 0;
    if (value.length < min || value.length > options.limit) {
      this.#fail(`has ${value.length} items, not ${min} to ${options.limit}`);
    }
    return value.map((item, i) =>
      options.read(new JsonField({ value: item, place: this.#at(String(i)) })),
    );
  }

  text(pattern: RegExp): string {
    const value = this.#value;
    if (typeof value !== "string" || !pattern.test(value)) return this.#fail(`is not ${pattern}`);
    return value;
  }

  integer(range: { min: number; max: number }): number {
    const value = this.#value;
    const fits = Number.isSafeInteger(value) && !Object.is(value, -0);
    if (!fits || (value as number) < range.min || (value as number) > range.max) {
      return this.#fail(`is not a whole number of ${range.min} to ${range.max}`);
    }
    return value as number;
  }

  /** Bytes in lower-case hex. */
  hex(length_bytes: number): Uint8Array {
    const bytes = typeof this.#value === "string" ? fromHex(this.#value) : undefined;
    if (bytes?.length !== length_bytes) {
      return this.#fail(`is not ${length_bytes} bytes in lower-case hex`);
    }
    return bytes;
  }

  #at(key: string): string {
    return this.#place === "" ? key : `${this.#place}.${key}`;
  }

  #fail(what: string): never {
    throw new InvalidField(`${this.#place === "" ? "the document" : this.#place} ${what}`);
  }
}

export interface JsonProblem {
  readonly code: "NOT_JSON" | "MALFORMED";
  readonly detail: string;
}

/** Parses the bytes as UTF-8 JSON and reads it; never throws on bad input. */
export function readJson<T>(
  bytes: Uint8Array,
  read: (root: JsonField) => T,
): Outcome<T, JsonProblem> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (thrown) {
    return refused({ code: "NOT_JSON", detail: messageOf(thrown) });
  }
  try {
    return accepted(read(new JsonField({ value, place: "" })));
  } catch (thrown) {
    if (thrown instanceof InvalidField) {
      return refused({ code: "MALFORMED", detail: thrown.message });
    }
    throw thrown;
  }
}
