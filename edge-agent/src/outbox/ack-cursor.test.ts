import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../testing/test-vehicle.ts";
import { AckCursor, readAckCursor } from "./ack-cursor.ts";

test("a cursor is found again, and a torn or changed one counts as none", () => {
  const path = join(temporaryFolder(), "acked");
  expect(readAckCursor(path)).toBeUndefined();
  const cursor = new AckCursor(path);
  expect(cursor.sequence).toBeUndefined();
  cursor.advance(2 ** 40 + 5);
  cursor.close();
  expect(readAckCursor(path)).toBe(2 ** 40 + 5);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 1;
    writeFileSync(path, changed);
    expect(readAckCursor(path)).toBeUndefined();
    writeFileSync(path, whole.subarray(0, at));
    expect(readAckCursor(path)).toBeUndefined();
  }
});

test("a cursor of before it had a version is read, and written over in the new form", () => {
  const path = join(temporaryFolder(), "acked");
  const body = Buffer.alloc(8);
  body.writeBigUInt64BE(77n);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  writeFileSync(path, Buffer.concat([body, check]));
  expect(readAckCursor(path)).toBe(77);
  const cursor = new AckCursor(path);
  expect(cursor.sequence).toBe(77);
  cursor.advance(78);
  cursor.close();
  expect(readAckCursor(path)).toBe(78);
  expect(readFileSync(path)[0]).toBe(1);
});
