import { expect, test } from "vitest";
import type { ChargerFeed } from "../api/shapes.ts";
import { driverIdOf } from "./driver-id.ts";
import { feedWarning, networkNow_ms, replayTime } from "./feed-words.ts";
import { directionsAddress, geoAddress } from "./navigation-link.ts";
import { positionOf, positionText } from "./position.ts";

const feed: ChargerFeed = {
  network: "belib",
  title: "Belib', Paris",
  attribution: "",
  origin: "replayed",
  at_ms: Date.UTC(2023, 1, 9, 15, 40),
  now_ms: Date.UTC(2023, 1, 9, 15, 41),
  age_s: 60,
  isStale: false,
  isSuspect: false,
  forecast: "model",
  note: null,
};

test("the network's time goes on from its answer, never back", () => {
  expect(networkNow_ms(feed, { now_ms: 5000, received_ms: 2000 })).toBe(feed.now_ms + 3000);
  expect(networkNow_ms(feed, { now_ms: 1000, received_ms: 2000 })).toBe(feed.now_ms);
});

test("a feed without fault has no warning; an old or lying one always has one", () => {
  expect(feedWarning(feed)).toBeUndefined();
  expect(feedWarning({ ...feed, isStale: true })).toContain("old");
  expect(feedWarning({ ...feed, isSuspect: true })).toContain("cannot be right");
  expect(feedWarning({ ...feed, isStale: true, note: "It is 20 min old." })).toBe(
    "It is 20 min old.",
  );
  expect(feedWarning({ ...feed, note: "By the baseline." })).toBe("By the baseline.");
});

test("a replay's date is that of its records", () => {
  expect(replayTime(feed.now_ms)).toContain("9 February 2023");
});

test("a place opens in the phone's navigation and as a way on a page", () => {
  const to = { latitude: 48.854057, longitude: 2.34556 };
  expect(geoAddress(to, "4 Quai (nord)")).toBe(
    "geo:48.854057,2.345560?q=48.854057,2.345560(4%20Quai%20nord)",
  );
  const way = new URL(directionsAddress({ latitude: 48.85, longitude: 2.35 }, to));
  expect(way.origin).toBe("https://www.openstreetmap.org");
  expect(way.searchParams.get("route")).toBe("48.85000,2.35000;48.85406,2.34556");
});

test("a driver's name has the letters that the server takes, and differs with its bytes", () => {
  const bytes = Uint8Array.from({ length: 22 }, (_, i) => i * 12);
  expect(driverIdOf(bytes)).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(driverIdOf(bytes)).not.toBe(driverIdOf(bytes.reverse()));
});

test("GeoJSON has the longitude first, people the latitude", () => {
  const place = positionOf({ geometry: { coordinates: [2.34556, 48.854057] } });
  expect(positionText(place)).toBe("48.8541, 2.3456");
});
