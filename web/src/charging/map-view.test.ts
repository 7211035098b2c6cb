import fc from "fast-check";
import { expect, test } from "vitest";
import {
  drawnAt,
  isDrawn,
  panned,
  positionAt,
  scaleBar,
  viewFrom,
  viewOf,
  viewText,
  zoomed,
} from "./map-view.ts";

const frame = { width: 360, height: 300 };
const paris = { latitude: 48.8566, longitude: 2.3522, width_km: 10 };
const views = fc.record({
  latitude: fc.double({ min: -70, max: 70, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  width_km: fc.double({ min: 0.5, max: 500, noNaN: true }),
});

test("the middle is drawn in the middle, north is up and east is right", () => {
  expect(drawnAt(paris, paris, frame)).toEqual({ x: 180, y: 150 });
  expect(drawnAt({ latitude: 48.9, longitude: 2.3522 }, paris, frame).y).toBeLessThan(150);
  expect(drawnAt({ latitude: 48.8566, longitude: 2.4 }, paris, frame).x).toBeGreaterThan(180);
});

test("a kilometre is equally long in both directions, as the scale bar says", () => {
  const bar = scaleBar(paris, frame);
  expect(bar.label).toBe("2 km");
  const perDegree_km = (6371 * Math.PI) / 180;
  const north = { ...paris, latitude: paris.latitude + 2 / perDegree_km };
  const cosine = Math.cos((paris.latitude * Math.PI) / 180);
  const east = { ...paris, longitude: paris.longitude + 2 / (perDegree_km * cosine) };
  expect(150 - drawnAt(north, paris, frame).y).toBeCloseTo(bar.length, 1);
  expect(drawnAt(east, paris, frame).x - 180).toBeCloseTo(bar.length, 1);
});

test("a tapped point is the position that is drawn there, across the date line too", () => {
  fc.assert(
    fc.property(
      views,
      fc.record({ x: fc.integer({ min: 0, max: 360 }), y: fc.integer({ min: 0, max: 300 }) }),
      (view, point) => {
        const again = drawnAt(positionAt(point, view, frame), view, frame);
        expect(again.x).toBeCloseTo(point.x, 4);
        expect(again.y).toBeCloseTo(point.y, 4);
      },
    ),
  );
});

test("moving the view there and back shows the same", () => {
  const away = panned(paris, { right: 0.2, down: -0.2 });
  expect(away.longitude).toBeGreaterThan(paris.longitude);
  expect(away.latitude).toBeGreaterThan(paris.latitude);
  const back = panned(away, { right: -0.2, down: 0.2 });
  expect(back.longitude).toBeCloseTo(paris.longitude, 4);
  expect(back.latitude).toBeCloseTo(paris.latitude, 4);
});

test("zooming ends at a street and at a continent", () => {
  expect(zoomed(paris, 0.5).width_km).toBe(5);
  expect(zoomed(paris, 1e-9).width_km).toBe(0.4);
  expect(zoomed(paris, 1e9).width_km).toBe(2000);
});

test("a fitted view shows every place, on a phone and on a wide screen", () => {
  const place = fc.record({
    latitude: fc.double({ min: 45, max: 50, noNaN: true }),
    longitude: fc.double({ min: 178, max: 182, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.array(place, { minLength: 1, maxLength: 20 }),
      fc.constantFrom(frame, { width: 1200, height: 400 }, { width: 280, height: 560 }),
      (places, shape) => {
        const view = viewOf(places, shape) ?? expect.unreachable();
        for (const one of places) expect(isDrawn(drawnAt(one, view, shape), shape, 0)).toBe(true);
      },
    ),
  );
  expect(viewOf([], frame)).toBeUndefined();
});

test("a view is read back from the address as it was written", () => {
  fc.assert(
    fc.property(views, (view) => {
      const again = viewFrom(viewText(view)) ?? expect.unreachable();
      expect(again.latitude).toBeCloseTo(view.latitude, 3);
      expect(again.longitude).toBeCloseTo(view.longitude, 3);
      expect(again.width_km / view.width_km).toBeCloseTo(1, 2);
    }),
  );
});

test("a text that is no view is none", () => {
  for (const text of ["", "1,2", "a,b,c", "90,0,5", "0,999,5", "0,0,-1", "0,0,1e9"])
    expect(viewFrom(text), text).toBeUndefined();
  const numbers = fc.array(fc.double().map(String), { minLength: 3, maxLength: 3 });
  const text = fc.oneof(
    fc.string(),
    numbers.map((parts) => parts.join(",")),
  );
  fc.assert(
    fc.property(text, (any) => {
      const view = viewFrom(any);
      if (view === undefined) return;
      expect(Math.abs(view.latitude)).toBeLessThanOrEqual(84);
      expect(view.width_km).toBeGreaterThanOrEqual(0.4);
      expect(view.width_km).toBeLessThanOrEqual(2000);
    }),
  );
});

test("the scale bar has a round length and fits into a third of the map", () => {
  fc.assert(
    fc.property(views, (view) => {
      const { length, label } = scaleBar(view, frame);
      expect(length).toBeLessThanOrEqual(frame.width / 3 + 1e-9);
      expect(length).toBeGreaterThan(frame.width / 8);
      expect(label).toMatch(/^[125]0{0,2} (m|km)$/);
    }),
  );
});
