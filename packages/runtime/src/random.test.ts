import { expect, test } from "vitest";
import { normal, SeededRandom } from "./random.ts";

test("one seed gives one sequence, another seed another", () => {
  const draw = (seed: number) => {
    const random = new SeededRandom(seed);
    return [random.uniform(), normal(random), ...random.bytes(4)];
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test("draws are uniform and normal to within what 20,000 draws allow", () => {
  const random = new SeededRandom(1);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const uniforms = Array.from({ length: 20_000 }, () => random.uniform());
  expect(Math.abs(mean(uniforms) - 0.5)).toBeLessThan(0.01);
  const normals = Array.from({ length: 20_000 }, () => normal(random));
  expect(Math.abs(mean(normals))).toBeLessThan(0.03);
  expect(Math.abs(mean(normals.map((value) => value * value)) - 1)).toBeLessThan(0.05);
});
