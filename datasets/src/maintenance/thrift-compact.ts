/** Thrift's compact protocol, as much of it as a Parquet footer takes. */
const kinds = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

/** A value of a struct: numbers say their width, for readers insist on it. */
export type ThriftValue =
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly text: string }
  | { readonly list: readonly ThriftValue[] }
  | { readonly struct: ThriftStruct };

/** Values by their field numbers, which rise. */
export type ThriftStruct = readonly (readonly [field: number, value: ThriftValue])[];

/** A struct as bytes; whole numbers up to 2^53. */
export function encodeThrift(struct: ThriftStruct): Uint8Array {
  const bytes: number[] = [];
  writeStruct(bytes, struct);
  return Uint8Array.from(bytes);
}

function writeStruct(bytes: number[], struct: ThriftStruct): void {
  let last = 0;
  for (const [field, value] of struct) {
    bytes.push(((field - last) << 4) | kindOf(value));
    writeValue(bytes, value);
    last = field;
  }
  bytes.push(0);
}

function kindOf(value: ThriftValue): number {
  if ("i32" in value) return kinds.i32;
  if ("i64" in value) return kinds.i64;
  if ("text" in value) return kinds.binary;
  return "list" in value ? kinds.list : kinds.struct;
}

function writeValue(bytes: number[], value: ThriftValue): void {
  if ("i32" in value) writeVarint(bytes, zigzag(value.i32));
  else if ("i64" in value) writeVarint(bytes, zigzag(value.i64));
  else if ("text" in value) writeText(bytes, value.text);
  else if ("list" in value) writeList(bytes, value.list);
  else writeStruct(bytes, value.struct);
}

function writeList(bytes: number[], list: readonly ThriftValue[]): void {
  const first = list[0];
  const kind = first === undefined ? kinds.i32 : kindOf(first);
  if (list.length < 15) bytes.push((list.length << 4) | kind);
  else {
    bytes.push(0xf0 | kind);
    writeVarint(bytes, BigInt(list.length));
  }
  for (const value of list) writeValue(bytes, value);
}

function writeText(bytes: number[], text: string): void {
  const encoded = new TextEncoder().encode(text);
  writeVarint(bytes, BigInt(encoded.length));
  bytes.push(...encoded);
}

function zigzag(value: number): bigint {
  const whole = BigInt(value);
  return whole >= 0n ? whole << 1n : (-whole << 1n) - 1n;
}

function writeVarint(bytes: number[], value: bigint): void {
  let left = value;
  while (left >= 0x80n) {
    bytes.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  bytes.push(Number(left));
}
