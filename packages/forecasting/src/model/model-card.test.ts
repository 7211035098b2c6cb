import fc from "fast-check";
import { expect, test } from "vitest";
import { type ModelCard, parseModelCard } from "./model-card.ts";

const hash = "ab".repeat(32);
const best = { name: "blend", logLoss: 0.6 };
const horizon = {
  ...{ horizon_min: "next", file: "horizon-next.onnx", sha256: hash, rows: 9, rowsSha256: hash },
  ...{ persistence: [0.5, 0.5], detail: {}, validation: { model: 0.5, blend: 0.6, best, rows: 3 } },
};
const point = { id: "p", groups: ["a", "b", "c"], power_kW: 7, outlet: 2, price_EURperkWh: 0 };
const card = {
  ...{ version: 1, kind: "gbt", network: "belib", classes: ["available", "charging"] },
  ...{ zone_min: 60, halfLives: [1, 2], features: ["hour"], seed: 1, data: [] },
  ...{ trainedFrom_ms: 1, trainedTo_ms: 2, history: { file: "history.bin", sha256: hash } },
  ...{ horizons: [horizon], points: [point] },
} as unknown as ModelCard;

test("what the trainer writes is read", () => {
  expect(parseModelCard(JSON.stringify(card), "here")).toEqual(card);
});

test.each([
  ["another version", { ...card, version: 2 }],
  ["an unknown kind", { ...card, kind: "oracle" }],
  ["an unknown class", { ...card, classes: ["open"] }],
  ["a file outside its folder", { ...card, history: { file: "../history.bin", sha256: hash } }],
  ["a horizon in the past", { ...card, horizons: [{ ...horizon, horizon_min: -5 }] }],
  ["a validation without a baseline", { ...card, horizons: [{ ...horizon, validation: {} }] }],
  ["a point without groups", { ...card, points: [{ ...point, groups: [] }] }],
])("%s is refused with the place", (_name, wrong) => {
  expect(() => parseModelCard(JSON.stringify(wrong), "here")).toThrow(
    expect.objectContaining({ code: "MODEL_INVALID", message: expect.stringContaining("here") }),
  );
});

test("whatever a file holds, it is a card or refused with that code", () => {
  const parse = (text: string): void => {
    try {
      parseModelCard(text, "here");
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: "MODEL_INVALID" });
    }
  };
  fc.assert(fc.property(fc.string(), parse));
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(card)), fc.jsonValue(), (key, value) => {
      parse(JSON.stringify({ ...card, [key]: value }));
    }),
  );
});
