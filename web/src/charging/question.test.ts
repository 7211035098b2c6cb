import fc from "fast-check";
import { expect, test } from "vitest";
import {
  numberFields,
  numberParameter,
  plugsParameter,
  positionParameters,
  readQuestion,
  requestBody,
} from "./question.ts";

const soc = numberFields.find(({ key }) => key === "soc") ?? expect.unreachable();

test("an empty address asks with the presets, and for no place", () => {
  const { question, problems } = readQuestion(new URLSearchParams());
  expect(problems).toEqual([]);
  expect(question.position).toBeUndefined();
  expect(question.numbers).toMatchObject({ soc: 30, to: 80, capacity: 60, power: 11 });
  expect(question.plugs).toEqual(["type2", "ccs"]);
  expect(requestBody(question), "nothing is asked without a place").toBeUndefined();
});

test("an address becomes the question that the server takes: ratios, not per cent", () => {
  const query = new URLSearchParams(
    "lat=48.8566&lon=2.3522&soc=20&to=90&least=15&kw=50&capacity=77&range=450&power=150&hour=12&plugs=ccs",
  );
  const { question, problems } = readQuestion(query);
  expect(problems).toEqual([]);
  expect(JSON.parse(requestBody(question) ?? "")).toEqual({
    latitude: 48.8566,
    longitude: 2.3522,
    soc: 0.2,
    targetSoc: 0.9,
    arrivalSocMin: 0.15,
    powerMin_kW: 50,
    capacity_kWh: 77,
    range_km: 450,
    power_kW: 150,
    hour_EUR: 12,
    plugs: ["ccs"],
    limit: 20,
  });
});

test.each([
  ["soc=101", "Charge now"],
  ["soc=-1", "Charge now"],
  ["soc=", "Charge now"],
  ["capacity=1e9", "Battery"],
  ["power=Infinity", "Car takes"],
  ["soc=50&to=50", "nothing would be charged"],
  ["lat=91&lon=2", "Latitude"],
  ["lat=48", "Longitude"],
  ["lat=48&lon=181", "Longitude"],
  ["plugs=type2,tesla", "No plug type"],
])("%s is named as a problem, not passed over", (address, word) => {
  const { problems } = readQuestion(new URLSearchParams(address));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(word);
});

test("any address gives a question within the limits, and a problem for whatever was not taken", () => {
  const key = fc.constantFrom("lat", "lon", "plugs", ...numberFields.map((field) => field.key));
  const value = fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String));
  fc.assert(
    fc.property(fc.dictionary(key, value), (values) => {
      const { question, problems } = readQuestion(new URLSearchParams(values));
      for (const field of numberFields) {
        const taken = question.numbers[field.key];
        expect(taken).toBeGreaterThanOrEqual(field.min);
        expect(taken).toBeLessThanOrEqual(field.max);
        const asked = values[field.key];
        if (asked !== undefined && Number(asked) !== taken) expect(problems).not.toEqual([]);
      }
      expect(question.plugs.length).toBeGreaterThan(0);
      expect(Math.abs(question.position?.latitude ?? 0)).toBeLessThanOrEqual(90);
      expect(problems.every((problem) => problem.length < 120)).toBe(true);
    }),
  );
});

test("what the form writes is read back, and presets leave the address", () => {
  expect(numberParameter(soc, " 45 ")).toBe("45");
  expect(numberParameter(soc, "12,5")).toBe("12.5");
  expect(numberParameter(soc, "30")).toBeUndefined();
  expect(numberParameter(soc, "")).toBeUndefined();
  expect(plugsParameter(["ccs", "type2"])).toBeUndefined();
  expect(plugsParameter(["schuko", "chademo"])).toBe("chademo,schuko");
  expect(positionParameters({ latitude: 48.85661, longitude: -2.3 })).toEqual({
    lat: "48.8566",
    lon: "-2.3000",
  });
  expect(positionParameters(undefined)).toEqual({ lat: undefined, lon: undefined });
});
