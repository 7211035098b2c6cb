import { ByteWriter, type Random, utf8 } from "@voltfog/runtime";

/** Numbers around which formats have their limits. */
const edges: readonly number[] = [
  ...[0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, 257, 1023, 1024, 4096],
  ...[32_767, 32_768, 65_535, 65_536, 131_072, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32],
  ...[2 ** 48 - 1, 2 ** 53 - 1],
];

/** Changes inputs, mostly a little, now and then by what another input or the sources hold. */
export class Mutator {
  readonly #random: Random;
  readonly #words: readonly Uint8Array[];
  readonly #lengthMax_bytes: number;

  constructor(options: {
    random: Random;
    literals: Iterable<string | number>;
    lengthMax_bytes: number;
  }) {
    this.#random = options.random;
    this.#words = wordsOf(options.literals);
    this.#lengthMax_bytes = options.lengthMax_bytes;
  }

  /** A changed copy of `input`; `other` is a second input to borrow from. */
  change(input: Uint8Array, other: Uint8Array): Uint8Array {
    let changed: Uint8Array = input.slice();
    const times = 1 + this.#whole(this.#whole(8));
    for (let i = 0; i <= times; i++) changed = this.#once(changed, other);
    return changed.subarray(0, this.#lengthMax_bytes);
  }

  #once(bytes: Uint8Array, other: Uint8Array): Uint8Array {
    const at = this.#whole(bytes.length);
    switch (this.#whole(11)) {
      case 0:
        return this.#over(bytes, at, [(bytes[at] ?? 0) ^ (1 << this.#whole(7))]);
      case 1:
        return this.#over(bytes, at, [this.#whole(255)]);
      case 2:
        return this.#over(bytes, at, [(bytes[at] ?? 0) + this.#whole(32) - 16]);
      case 3:
        return this.#over(bytes, at, this.#edge());
      case 4:
        return this.#over(bytes, at, this.#word());
      case 5:
        return insert(bytes, at, this.#word());
      case 6:
        return insert(bytes, at, this.#random.bytes(1 + this.#whole(8)));
      case 7:
        return cut(bytes, at, 1 + this.#whole(16));
      case 8:
        return insert(bytes, at, part(bytes, this.#whole(bytes.length), this.#whole(64)));
      case 9:
        return insert(
          bytes.subarray(0, at),
          at,
          part(other, this.#whole(other.length), other.length),
        );
      case 10:
        return this.#over(bytes, at, part(other, this.#whole(other.length), this.#whole(64)));
      default:
        return this.#lengthen(bytes);
    }
  }

  /** Finds something that may be a length in four bytes, and changes it and what it counts alike. */
  #lengthen(bytes: Uint8Array): Uint8Array {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let tries = 0; tries < 32; tries++) {
      const at = this.#whole(bytes.length);
      if (at + 4 > bytes.length) continue;
      const length = view.getUint32(at);
      if (length === 0 || at + 4 + length > bytes.length) continue;
      const more = this.#whole(1) === 1;
      const step = 1 + this.#whole(Math.min(length, 16) - 1);
      const end = at + 4 + length;
      const changed = more
        ? insert(bytes, end, part(bytes, at + 4, step))
        : cut(bytes, end - step, step);
      const shorter = changed.slice();
      new DataView(shorter.buffer).setUint32(
        at,
        more ? length + Math.min(step, length) : length - step,
      );
      return shorter;
    }
    return bytes;
  }

  #over(bytes: Uint8Array, at: number, values: ArrayLike<number>): Uint8Array {
    const room = Math.max(0, bytes.length - at);
    bytes.set(Uint8Array.from(values).subarray(0, room), Math.min(at, bytes.length));
    return bytes;
  }

  #edge(): Uint8Array {
    const value = Math.max(0, this.#pick(edges) + this.#whole(2) - 1);
    const width = this.#pick([1, 2, 4, 8]);
    return new ByteWriter()
      .u64(Math.min(value, Number.MAX_SAFE_INTEGER))
      .finish()
      .slice(8 - width);
  }

  #word(): Uint8Array {
    return this.#words.length === 0 ? this.#edge() : this.#pick(this.#words);
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#whole(choices.length - 1)] as T;
  }

  /** Uniform from 0 to `max`, both included. */
  #whole(max: number): number {
    return Math.floor(this.#random.uniform() * (max + 1));
  }
}

function insert(bytes: Uint8Array, at: number, more: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + more.length);
  longer.set(bytes.subarray(0, at));
  longer.set(more, Math.min(at, bytes.length));
  longer.set(bytes.subarray(at), at + more.length);
  return longer;
}

function cut(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const shorter = new Uint8Array(bytes.length - Math.min(length, bytes.length - at));
  shorter.set(bytes.subarray(0, at));
  shorter.set(bytes.subarray(at + length), at);
  return shorter;
}

function part(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return bytes.slice(at, at + length);
}

/** What the sources compare with: their texts, and their numbers in each width. */
function wordsOf(literals: Iterable<string | number>): readonly Uint8Array[] {
  return [...literals].flatMap((literal) =>
    typeof literal === "string" ? textWords(literal) : numberWords(literal),
  );
}

function textWords(text: string): readonly Uint8Array[] {
  return text.length > 0 && text.length <= 64 ? [utf8(text)] : [];
}

function numberWords(value: number): readonly Uint8Array[] {
  if (!Number.isSafeInteger(value) || value < 0) return [];
  const wide = new ByteWriter().u64(value).finish();
  return [1, 2, 4, 8].filter((width) => value < 256 ** width).map((width) => wide.slice(8 - width));
}
