import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryFolder, testReading } from "../testing/test-vehicle.ts";
import { readUnframedSamples, type UnframedSample, UnframedSamples } from "./unframed-samples.ts";

function sample(number: number): UnframedSample {
  return { ...testReading(number), number, boot: 3 };
}

function fileWith(count: number): { path: string; file: UnframedSamples } {
  const path = join(temporaryFolder(), "unframed");
  const file = UnframedSamples.open({ path, recovered: [] });
  for (let number = 1; number <= count; number++) expect(file.append(sample(number))).toBe(true);
  return { path, file };
}

test("samples come back as they were, those already framed left out", () => {
  const { path, file } = fileWith(3);
  file.close();
  expect(readUnframedSamples({ path, after: 1 })).toEqual([sample(2), sample(3)]);
  expect(readUnframedSamples({ path: `${path}-missing`, after: 0 })).toEqual([]);
});

test("the file is emptied when its last sample is framed, and not before", () => {
  const { path, file } = fileWith(3);
  file.framed(2);
  expect(readUnframedSamples({ path, after: 2 })).toHaveLength(1);
  file.framed(3);
  expect(statSync(path).size).toBe(0);
  file.append(sample(4));
  expect(readUnframedSamples({ path, after: 0 })).toEqual([sample(4)]);
  file.close();
});

test("recovered samples stay until they are framed, also over a second kill", () => {
  const { path, file } = fileWith(2);
  file.close();
  const recovered = readUnframedSamples({ path, after: 0 });
  UnframedSamples.open({ path, recovered }).close();
  expect(readUnframedSamples({ path, after: 0 })).toEqual(recovered);
});

test("samples of an agent of before they had a version come back, a newer one's do not", () => {
  const { path, file } = fileWith(1);
  file.close();
  const body = readFileSync(path).subarray(8);
  const write = (changed: Buffer): void => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(changed.length);
    head.writeUInt32BE(crc32(changed), 4);
    writeFileSync(path, Buffer.concat([head, changed]));
  };
  expect(body[0]).toBe(1);
  write(body.subarray(1));
  expect(readUnframedSamples({ path, after: 0 })).toEqual([sample(1)]);
  write(Buffer.concat([Buffer.of(2), body.subarray(1)]));
  expect(readUnframedSamples({ path, after: 0 })).toEqual([]);
});

test("cut or changed anywhere, the samples before that place come back and nothing else", () => {
  const { path, file } = fileWith(3);
  file.close();
  const whole = readFileSync(path);
  const each_bytes = whole.length / 3;
  const damaged = join(temporaryFolder(), "unframed");
  for (let end = 0; end < whole.length; end++) {
    writeFileSync(damaged, whole.subarray(0, end));
    const expected = Math.floor(end / each_bytes);
    expect(readUnframedSamples({ path: damaged, after: 0 })).toHaveLength(expected);
  }
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ flip;
      writeFileSync(damaged, changed);
      const intact = Math.floor(at / each_bytes);
      expect(readUnframedSamples({ path: damaged, after: 0 })).toHaveLength(intact);
    }),
  );
});
