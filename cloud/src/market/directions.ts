/** A place on the globe, WGS 84, degrees. */
export interface Position {
  readonly longitude: number;
  readonly latitude: number;
}

const earthRadius_m = 6_371_008.8;
const points = [
  "north",
  "north-east",
  "east",
  "south-east",
  "south",
  "south-west",
  "west",
  "north-west",
];

/** Great-circle distance on a sphere of the earth's mean radius (IUGG), by the haversine formula. */
export function distanceBetween_m(from: Position, to: Position): number {
  const [phi1, phi2] = [radians(from.latitude), radians(to.latitude)];
  const sinPhi = Math.sin((phi2 - phi1) / 2);
  const sinLambda = Math.sin(radians(to.longitude - from.longitude) / 2);
  const h = sinPhi ** 2 + Math.cos(phi1) * Math.cos(phi2) * sinLambda ** 2;
  return 2 * earthRadius_m * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** First bearing of the great circle, clockwise from north, 0 to below 360. */
export function bearingTo_deg(from: Position, to: Position): number {
  const [phi1, phi2] = [radians(from.latitude), radians(to.latitude)];
  const lambda = radians(to.longitude - from.longitude);
  const east = Math.sin(lambda) * Math.cos(phi2);
  const north =
    Math.cos(phi1) * Math.sin(phi2) - Math.sin(phi1) * Math.cos(phi2) * Math.cos(lambda);
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
}

/** The way as GeoJSON: one straight line, since there are no road data here, which it says. */
export function straightDirections(way: {
  from: Position;
  to: Position;
  name: string;
  tradeId: string;
}): object {
  const { from, to, name, tradeId } = way;
  const distance_m = Math.round(distanceBetween_m(from, to));
  const bearing_deg = Math.round(bearingTo_deg(from, to));
  const point = points[Math.round(bearing_deg / 45) % points.length] ?? "";
  const at = ({ longitude, latitude }: Position): [number, number] => [longitude, latitude];
  return {
    type: "FeatureCollection",
    features: [
      {
        type: "Feature",
        geometry: { type: "LineString", coordinates: [at(from), at(to)] },
        properties: {
          ...{ tradeId, meetingPoint: name, distance_m, bearing_deg, straight: true },
          sentence: `${(distance_m / 1000).toFixed(1)} km to the ${point} in a straight line, to meeting point ${name}. There are no road data here.`,
        },
      },
      {
        type: "Feature",
        geometry: { type: "Point", coordinates: at(to) },
        properties: { tradeId, meetingPoint: name },
      },
    ],
  };
}

function radians(angle_deg: number): number {
  return (angle_deg * Math.PI) / 180;
}
