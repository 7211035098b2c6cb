import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ByteWriter,
  compareBytes,
  concatBytes,
  decodeBytes,
  equalBytes,
  fromHex,
  toHex,
} from "./bytes.ts";

test("every kind of field comes back as it was written", () => {
  const fields = fc.record({
    byte: fc.integer({ min: 0, max: 255 }),
    short: fc.integer({ min: -32768, max: 32767 }),
    word: fc.integer({ min: 0, max: 0xffff_ffff }),
    int: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
    long: fc.maxSafeNat(),
    text: fc.string({ unit: "grapheme", maxLength: 20 }),
    block: fc.uint8Array({ maxLength: 600 }),
  });
  fc.assert(
    fc.property(fields, (value) => {
      const bytes = new ByteWriter()
        .u8(value.byte)
        .i16(value.short)
        .u32(value.word)
        .i32(value.int)
        .u64(value.long)
        .text(value.text)
        .block(value.block)
        .finish();
      const read = decodeBytes(bytes, (reader) => ({
        byte: reader.u8(),
        short: reader.i16(),
        word: reader.u32(),
        int: reader.i32(),
        long: reader.u64(),
        text: reader.text(),
        block: reader.block(600),
      }));
      expect(read).toEqual({ ok: true, value });
    }),
  );
});

test("missing, left over, oversized and non-UTF-8 input is MALFORMED", () => {
  const two = new ByteWriter().u16(5).finish();
  expect(decodeBytes(two, (reader) => reader.u32())).toMatchObject({
    problem: { code: "MALFORMED", detail: "ends at byte 2, needs 4" },
  });
  expect(decodeBytes(two, (reader) => reader.u8())).toMatchObject({
    problem: { detail: "1 bytes left over" },
  });
  const block = new ByteWriter().block(new Uint8Array(10)).finish();
  expect(decodeBytes(block, (reader) => reader.block(9)).ok).toBe(false);
  const text = Uint8Array.of(2, 0xc3, 0x28);
  expect(decodeBytes(text, (reader) => reader.text()).ok).toBe(false);
  const huge = new Uint8Array(8).fill(0xff);
  expect(decodeBytes(huge, (reader) => reader.u64()).ok).toBe(false);
});

test("a list longer than its limit is refused before anything is allocated", () => {
  const bytes = new ByteWriter().u32(0xffff_ffff).finish();
  const read = decodeBytes(bytes, (reader) => reader.list({ limit: 4, read: (r) => r.u8() }));
  expect(read).toMatchObject({ problem: { code: "MALFORMED" } });
});

test("a fault of our own inside a decoder is not hidden as bad input", () => {
  expect(() =>
    decodeBytes(new Uint8Array(1), () => {
      throw new Error("our own mistake");
    }),
  ).toThrow("our own mistake");
});

test("hex and bytes are one to one", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(fromHex(toHex(bytes))).toEqual(bytes);
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
    }),
  );
  for (const wrong of ["0", "0G", "AB", " 1"]) expect(fromHex(wrong)).toBeUndefined();
});

test("comparison orders as unsigned bytes do, and agrees with equality", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (a, b) => {
      expect(compareBytes(a, b)).toBe(Buffer.compare(a, b));
      expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
      expect(concatBytes(a, b)).toEqual(new Uint8Array(Buffer.concat([a, b])));
    }),
  );
});

test("a writer keeps every field when one of them makes its buffer grow", () => {
  const filler = new Uint8Array(255).fill(7);
  const fields: ((writer: ByteWriter) => ByteWriter)[] = [
    (writer) => writer.u8(1).u8(2),
    (writer) => writer.u16(0x0102),
    (writer) => writer.u32(0x01020304),
    (writer) => writer.i16(-2),
    (writer) => writer.i32(-2),
    (writer) => writer.u64(2 ** 40 + 5),
    (writer) => writer.raw(new Uint8Array(700).fill(9)),
  ];
  for (const field of fields) {
    const grown = field(new ByteWriter().raw(filler)).finish();
    expect(grown.subarray(255)).toEqual(field(new ByteWriter()).finish());
  }
});

test("a writer may go on after it has finished, and never touches what it gave or another's bytes", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 250, max: 258 }),
      (more, size) => {
        const writer = new ByteWriter().raw(new Uint8Array(size).fill(1));
        const first = writer.finish();
        expect(writer.finish()).toEqual(first);
        const other = new ByteWriter().u32(7);
        const both = writer.raw(more).u16(5).finish();
        expect(first).toEqual(new Uint8Array(size).fill(1));
        expect(both).toEqual(concatBytes(first, more, Uint8Array.of(0, 5)));
        expect(other.finish()).toEqual(Uint8Array.of(0, 0, 0, 7));
      },
    ),
  );
});
