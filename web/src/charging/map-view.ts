import { earthRadius_km, type Position } from "./position.ts";

/** What a map shows: its middle, and how much ground its width covers there. North is up. */
export interface MapView extends Position {
  readonly width_km: number;
}

/** The drawing's size in its own units. */
export interface Frame {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

const widthMin_km = 0.4;
const widthMax_km = 2000;
/** The projection grows without end towards the poles. */
const latitudeMax = 84;
const radians = Math.PI / 180;

/** Where a position is drawn. Mercator: the same scale in all directions around a place. */
export function drawnAt(position: Position, view: MapView, frame: Frame): Point {
  const scale = unitsPerRadian(view, frame);
  const east = wrapped(position.longitude - view.longitude) * radians;
  const north = mercator(position.latitude) - mercator(view.latitude);
  return { x: frame.width / 2 + scale * east, y: frame.height / 2 - scale * north };
}

/** The position that is drawn at a point; undoes drawnAt. */
export function positionAt(point: Point, view: MapView, frame: Frame): Position {
  const scale = unitsPerRadian(view, frame);
  const east = (point.x - frame.width / 2) / scale;
  const north = mercator(view.latitude) - (point.y - frame.height / 2) / scale;
  const latitude = (2 * Math.atan(Math.exp(north)) - Math.PI / 2) / radians;
  return {
    latitude: clamped(latitude, latitudeMax),
    longitude: wrapped(view.longitude + east / radians),
  };
}

/** The view moved by a part of its width to the right and down. */
export function panned(
  view: MapView,
  by: { readonly right: number; readonly down: number },
): MapView {
  const frame = { width: 1, height: 1 };
  const middle = positionAt({ x: 0.5 + by.right, y: 0.5 + by.down }, view, frame);
  return { ...view, ...middle };
}

/** The view with its width multiplied: below 1 shows more detail. */
export function zoomed(view: MapView, factor: number): MapView {
  const width_km = Math.min(widthMax_km, Math.max(widthMin_km, view.width_km * factor));
  return { ...view, width_km };
}

/** The smallest view with all positions in it and some room around; undefined for none. */
export function viewOf(positions: readonly Position[], frame: Frame): MapView | undefined {
  const first = positions[0];
  if (first === undefined) return undefined;
  const latitudes = positions.map(({ latitude }) => clamped(latitude, latitudeMax));
  const easts = positions.map(({ longitude }) => wrapped(longitude - first.longitude));
  const latitude = middleOf(latitudes);
  const longitude = wrapped(first.longitude + middleOf(easts));
  const km = earthRadius_km * radians;
  const eastWest_km = spanOf(easts) * km * Math.cos(latitude * radians);
  const northSouth_km = (spanOf(latitudes) * km * frame.width) / frame.height;
  return zoomed({ latitude, longitude, width_km: Math.max(eastWest_km, northSouth_km, 1) }, 1.25);
}

/** A bar of a round length that takes up to a third of the width. */
export function scaleBar(
  view: MapView,
  frame: Frame,
): { readonly length: number; readonly label: string } {
  const most_km = view.width_km / 3;
  const power = 10 ** Math.floor(Math.log10(most_km));
  const round_km = [5, 2, 1].map((step) => step * power).find((size) => size <= most_km) ?? power;
  const length = (round_km / view.width_km) * frame.width;
  const label = round_km < 1 ? `${Math.round(round_km * 1000)} m` : `${Math.round(round_km)} km`;
  return { length, label };
}

/** As it stands in the address. */
export function viewText({ latitude, longitude, width_km }: MapView): string {
  return [latitude.toFixed(4), longitude.toFixed(4), width_km.toPrecision(3)].map(Number).join(",");
}

/** Undoes viewText; undefined for any text that is no view. */
export function viewFrom(text: string | null): MapView | undefined {
  const match = /^(-?\d{1,3}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?),(\d{1,4}(?:\.\d+)?)$/.exec(
    text ?? "",
  );
  if (match === null) return undefined;
  const [latitude = 0, longitude = 0, width_km = 0] = match.slice(1).map(Number);
  if (Math.abs(latitude) > latitudeMax || Math.abs(longitude) > 180) return undefined;
  return zoomed({ latitude, longitude, width_km }, 1);
}

/** Whether a point lies in the drawing, or no further outside than the margin. */
export function isDrawn({ x, y }: Point, frame: Frame, margin: number): boolean {
  return x >= -margin && y >= -margin && x <= frame.width + margin && y <= frame.height + margin;
}

function unitsPerRadian(view: MapView, frame: Frame): number {
  return (frame.width * earthRadius_km * Math.cos(view.latitude * radians)) / view.width_km;
}

function mercator(latitude: number): number {
  return Math.log(Math.tan(Math.PI / 4 + (clamped(latitude, latitudeMax) * radians) / 2));
}

function clamped(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value));
}

/** A longitude, or a difference of two, from -180 to 180. */
function wrapped(longitude: number): number {
  return longitude - 360 * Math.round(longitude / 360);
}

function middleOf(values: readonly number[]): number {
  return (Math.min(...values) + Math.max(...values)) / 2;
}

function spanOf(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}
