import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
