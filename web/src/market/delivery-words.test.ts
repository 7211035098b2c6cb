import { expect, it } from "vitest";
import { deliveryWords } from "./delivery-words.ts";

const said = (energy_Wh: number): { energy_Wh: number; from_ms: number; to_ms: number } => ({
  energy_Wh,
  from_ms: 0,
  to_ms: 1,
});

it.each([
  [null, null, "neither vehicle has signed yet"],
  [said(10_000), null, "10.0 kWh given; the buyer's vehicle has not signed"],
  [null, said(9600), "9.6 kWh received; the seller's vehicle has not signed"],
  [said(10_000), said(9600), "10.0 kWh given, 9.6 kWh received, 4.0 % lost on the way"],
  [said(9000), said(9600), "9.0 kWh given, 9.6 kWh received: more than was given"],
  [said(0), said(0), "0.0 kWh given, 0.0 kWh received"],
])("what the batteries said, %#, is told in words", (given, received, words) => {
  expect(deliveryWords({ given, received }).replaceAll("\u2009", " ")).toBe(words);
});
