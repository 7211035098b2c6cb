import { expect, it } from "vitest";
import { bearingTo_deg, distanceBetween_m, straightDirections } from "./directions.ts";

const paris = { longitude: 2.3522, latitude: 48.8566 };
const london = { longitude: -0.1276, latitude: 51.5072 };

it("measures along the great circle", () => {
  // 343.5 km between the two cities' centres; one degree of a meridian is 111,195 m on this sphere.
  expect(distanceBetween_m(paris, london) / 1000).toBeCloseTo(343.5, 0);
  const north = { ...paris, latitude: paris.latitude + 1 };
  expect(distanceBetween_m(paris, north)).toBeCloseTo(111_195, 0);
  expect(distanceBetween_m(paris, paris)).toBe(0);
});

it.each([
  ["north", { ...paris, latitude: 60 }, 0],
  ["south", { ...paris, latitude: 40 }, 180],
  ["east", { longitude: 2.4, latitude: paris.latitude }, 90],
  ["west", { longitude: 2.3, latitude: paris.latitude }, 270],
])("points %s", (_name, to, bearing_deg) => {
  expect(bearingTo_deg(paris, to)).toBeCloseTo(bearing_deg, 0);
});

it("says that its line is straight, since there are no roads", () => {
  const way = { from: paris, to: london, name: "Hyde Park", tradeId: "t" };
  const { features } = straightDirections(way) as {
    features: { geometry: object; properties: Record<string, unknown> }[];
  };
  expect(features[0]?.geometry).toEqual({
    type: "LineString",
    coordinates: [
      [2.3522, 48.8566],
      [-0.1276, 51.5072],
    ],
  });
  expect(features[0]?.properties).toMatchObject({ meetingPoint: "Hyde Park", straight: true });
  expect(features[0]?.properties["sentence"]).toContain("343.5 km to the north-west");
});
