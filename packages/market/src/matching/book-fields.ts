import { fault } from "./book-problem.ts";
import type { OrderId } from "./open-order.ts";
import type { Position } from "./position.ts";

type Fields = Readonly<Record<string, unknown>>;

interface Range {
  readonly min?: number;
  readonly max: number;
}

/** One JSON object of a book file, read field by field; what was not read is without effect and told. */
export class FieldReader {
  readonly #fields: Fields;
  readonly #read = new Set<string>();
  readonly path: string;

  constructor(value: unknown, path: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      fault("TYPE_WRONG", path, `${path || "the book"} is no object`);
    }
    this.#fields = value as Fields;
    this.path = path;
  }

  has(name: string): boolean {
    const value = this.#take(name);
    return value !== undefined && value !== null;
  }

  /** Names of fields that nobody asked for. */
  unread(): readonly string[] {
    return Object.keys(this.#fields)
      .filter((name) => !this.#read.has(name))
      .map((name) => this.at(name));
  }

  at(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  object(name: string): FieldReader {
    return new FieldReader(this.#needed(name), this.at(name));
  }

  list(name: string, limit: number): readonly unknown[] {
    const value = this.#needed(name);
    if (!Array.isArray(value)) fault("TYPE_WRONG", this.at(name), `${this.at(name)} is no list`);
    const list = value as readonly unknown[];
    if (list.length > limit) {
      fault("LIMIT_EXCEEDED", this.at(name), `${list.length} in the list, at most ${limit}`);
    }
    return list;
  }

  text(name: string): string {
    const value = this.#needed(name);
    if (typeof value !== "string")
      fault("TYPE_WRONG", this.at(name), `${this.at(name)} is no text`);
    return value as string;
  }

  /** Text of 1 to 128 characters, or a whole number from 0. */
  id(name: string): OrderId {
    const value = this.#needed(name);
    if (typeof value === "string" && value.length > 0 && value.length <= 128) return value;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    return fault(
      "ID_INVALID",
      this.at(name),
      "an id is a text of 1 to 128 or a whole number from 0",
    );
  }

  whole(name: string, range: Range): number {
    const value = this.#number(name);
    const path = this.at(name);
    if (value < 0) fault("NUMBER_NEGATIVE", path, `${path} is ${value}`);
    if (!Number.isInteger(value)) fault("NUMBER_NOT_WHOLE", path, `${path} is ${value}`);
    return within(value, range, path);
  }

  /** The nearest whole number of thousandths. */
  thousandths(name: string, range: Range): number {
    const value = this.#number(name);
    const path = this.at(name);
    if (value < 0) fault("NUMBER_NEGATIVE", path, `${path} is ${value}`);
    return Math.round(within(value, range, path) * 1000);
  }

  /** lon and lat in degrees, to the nearest micro-degree, or x_m and y_m in metres, to the nearest millimetre. */
  position(kind: Position["kind"]): Position {
    if (kind === "plane") {
      const [east, north] = [
        this.#coordinate("x_m", 2_147_483),
        this.#coordinate("y_m", 2_147_483),
      ];
      return { kind, east: Math.round(east * 1000), north: Math.round(north * 1000) };
    }
    const [east, north] = [this.#coordinate("lon", 180), this.#coordinate("lat", 90)];
    return { kind, east: Math.round(east * 1e6), north: Math.round(north * 1e6) };
  }

  #coordinate(name: string, limit: number): number {
    const value = this.#number(name);
    const path = this.at(name);
    if (Math.abs(value) > limit) {
      fault("POSITION_INVALID", path, `${path} is ${value}, from -${limit} to ${limit}`);
    }
    return value;
  }

  #number(name: string): number {
    const value = this.#needed(name);
    if (typeof value === "number" && Number.isFinite(value)) return value;
    return fault("TYPE_WRONG", this.at(name), `${this.at(name)} is no number`);
  }

  #needed(name: string): unknown {
    const value = this.#take(name);
    if (value === undefined || value === null) {
      fault("FIELD_MISSING", this.at(name), `${this.at(name)} is missing`);
    }
    return value;
  }

  #take(name: string): unknown {
    this.#read.add(name);
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }
}

function within(value: number, { min = 0, max }: Range, path: string): number {
  if (value < min) fault("NUMBER_TOO_SMALL", path, `${path} is ${value}, at least ${min}`);
  if (value > max) fault("NUMBER_TOO_LARGE", path, `${path} is ${value}, at most ${max}`);
  return value;
}
