/** Writes the protocol buffer wire format, as far as an ONNX file needs it. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  /** A whole number that is not negative. */
  integer(field: number, value: number): this {
    this.#key(field, 0);
    this.#parts.push(varint(value));
    return this;
  }

  float(field: number, value: number): this {
    this.#key(field, 5);
    this.#parts.push(floatBytes([value]));
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#key(field, 2);
    this.#parts.push(varint(value.length), value);
    return this;
  }

  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.finish());
  }

  /** Packed, as newer writers do; every reader must take both forms. */
  integers(field: number, values: Iterable<number>): this {
    return this.bytes(field, joined(Array.from(values, varint)));
  }

  floats(field: number, values: ArrayLike<number>): this {
    return this.bytes(field, floatBytes(values));
  }

  finish(): Uint8Array {
    return joined(this.#parts);
  }

  #key(field: number, wireType: number): void {
    this.#parts.push(varint(field * 8 + wireType));
  }
}

/** Little-endian float32, as raw_data and packed floats have it. */
export function floatBytes(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  for (let at = 0; at < values.length; at++) view.setFloat32(at * 4, values[at] as number, true);
  return new Uint8Array(view.buffer);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
