/** A point of the picture. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where one unit is drawn: a disc of radius `r`, its vehicles around it, its label below. */
export interface PlacedUnit extends Point {
  readonly id: string;
  readonly r: number;
  readonly dots: readonly (Point & { readonly vehicleId: string })[];
  readonly labelY: number;
}

/** The picture in the pixels of its own width. */
export interface Ring {
  readonly width: number;
  readonly height: number;
  readonly centre: Point;
  readonly units: readonly PlacedUnit[];
  /** Characters that fit below a unit. */
  readonly labelMax: number;
}

const discMax = 36;
const discMin = 12;
const dotGap = 12;
const orbit = 12;
const label = 40;
const labelHalf = 56;
/** Wider, the picture would be empty. */
const radiusMax = 380;
/** Of the system font at 13 pixels. */
const characterWidth = 7;

/**
 * Units on an ellipse around the controller, the first at the top, each with as many of its vehicles as
 * have room around it. The same units give the same picture, whatever their figures.
 */
export function ringOf(options: {
  readonly width: number;
  readonly units: readonly { readonly id: string; readonly vehicles: readonly string[] }[];
}): Ring {
  const { units } = options;
  const width = Math.max(200, options.width);
  const count = Math.max(1, units.length);
  const r = discOf(width, count);
  // An even number stands in two columns: two units below each other would tell no more and cost height.
  const start = count === 1 ? Math.PI : -Math.PI / 2 - (count % 2 === 0 ? Math.PI / count : 0);
  const angles = units.map((_, at) => start + (2 * Math.PI * at) / count);
  // As wide as the outermost unit allows, which need not stand on the axis.
  const widest = Math.max(0.5, ...angles.map((angle) => Math.abs(Math.cos(angle))));
  const side = Math.max(r + orbit + 4, labelHalf);
  const radiusX = Math.max(40, Math.min(radiusMax, (width / 2 - side) / widest));
  const radiusY = Math.max(count < 3 ? 40 : 120, Math.min(radiusX, 80 + count * 16));
  const top = -Math.min(0, ...angles.map((angle) => radiusY * Math.sin(angle)));
  const bottom = Math.max(0, ...angles.map((angle) => radiusY * Math.sin(angle)));
  const centre = { x: width / 2, y: r + orbit + 12 + top };
  const height = Math.round(centre.y + bottom + r + orbit + label);
  const placed = units.map(({ id, vehicles }, at) => {
    const angle = angles[at] ?? 0;
    const x = centre.x + radiusX * Math.cos(angle);
    const y = centre.y + radiusY * Math.sin(angle);
    return { id, x, y, r, dots: dotsOf({ x, y, r, vehicles }), labelY: y + r + orbit + 16 };
  });
  const apart = count === 1 ? width : Math.min(width / 2.2, (2 * Math.PI * radiusX) / count);
  return { width, height, centre, units: placed, labelMax: Math.floor(apart / characterWidth) };
}

function discOf(width: number, count: number): number {
  const share = width / (count <= 4 ? 9 : count * 2);
  return Math.round(Math.min(discMax, Math.max(discMin, share)));
}

function dotsOf(options: {
  x: number;
  y: number;
  r: number;
  vehicles: readonly string[];
}): PlacedUnit["dots"] {
  const radius = options.r + orbit;
  const room = Math.floor((2 * Math.PI * radius) / dotGap);
  return options.vehicles.slice(0, room).map((vehicleId, at) => {
    const angle = -Math.PI / 2 + (2 * Math.PI * at) / room;
    return {
      vehicleId,
      x: options.x + radius * Math.cos(angle),
      y: options.y + radius * Math.sin(angle),
    };
  });
}

/** Where along its bow a label may stand, the first choice first. */
const labelPlaces = [0.3, 0.7, 0.4, 0.6, 0.5, 0.25, 0.75];
const labelWidth = 52;
const labelHeight = 17;
/** Half of what a unit's own two lines of text take, with half of a label. */
const unitTextWidth = 92;

export interface Bow {
  readonly path: string;
  readonly label: Point;
}

/**
 * A bow for each way from one unit to another, past the centre; labels stand clear of each other and of
 * the units' texts where they can.
 */
export function bowsOf(
  ways: readonly { readonly from: Point; readonly to: Point }[],
  units: readonly PlacedUnit[] = [],
): readonly Bow[] {
  const labels: Point[] = [];
  return ways.map(({ from, to }) => {
    const control = controlOf(from, to);
    const places = labelPlaces.map((t) => pointAt(t, [from, control, to]));
    const isFree = (place: Point): boolean =>
      labels.every((other) => isClear(place, other)) &&
      units.every((unit) => isBeside(place, unit));
    const chosen = places.find(isFree) ?? places[0] ?? from;
    labels.push(chosen);
    const path = `M${round(from.x)} ${round(from.y)}Q${round(control.x)} ${round(control.y)} ${round(to.x)} ${round(to.y)}`;
    return { path, label: chosen };
  });
}

/** Neither on the unit's disc nor on the two lines below it. */
function isBeside(place: Point, { x, y, r, labelY }: PlacedUnit): boolean {
  const isOnDisc = Math.hypot(place.x - x, place.y - y) < r + labelHeight;
  const isOnText =
    Math.abs(place.x - x) < unitTextWidth &&
    place.y > labelY - labelHeight &&
    place.y < labelY + 2 * labelHeight;
  return !isOnDisc && !isOnText;
}

function isClear(one: Point, other: Point): boolean {
  return Math.abs(one.x - other.x) > labelWidth || Math.abs(one.y - other.y) > labelHeight;
}

function controlOf(from: Point, to: Point): Point {
  const bend = 0.18;
  return {
    x: (from.x + to.x) / 2 - (to.y - from.y) * bend,
    y: (from.y + to.y) / 2 + (to.x - from.x) * bend,
  };
}

/** A point of a quadratic curve, `t` from 0 to 1. */
function pointAt(t: number, [a, c, b]: readonly [Point, Point, Point]): Point {
  const at = (from: number, control: number, to: number): number =>
    (1 - t) ** 2 * from + 2 * t * (1 - t) * control + t ** 2 * to;
  return { x: at(a.x, c.x, b.x), y: at(a.y, c.y, b.y) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
