/** WGS 84, degrees. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

export interface Trip {
  readonly distance_km: number;
  readonly travel_min: number;
}

/** Time of the way to each destination for a start at a time. A real router can stand behind it. */
export type TravelTime = (
  origin: Position,
  destinations: readonly Position[],
  start_ms: number,
) => readonly Trip[];

const earthRadius_km = 6371;
/** Roads are longer than the great circle by this: mean over European cities, forecast design page. */
const detour = 1.343;
/** km/h in a city by the hour of the day: slow at the two rushes, fast at night. */
const speeds: readonly number[] = [
  34, 36, 37, 37, 35, 31, 26, 20, 17, 18, 20, 20, 20, 20, 20, 19, 18, 16, 16, 18, 22, 26, 29, 32,
];
/** Leaving, and finding the place. */
const parking_min = 2;

export function greatCircle_km(from: Position, to: Position): number {
  const radians = Math.PI / 180;
  const [phi1, phi2] = [from.latitude * radians, to.latitude * radians];
  const sinLatitude = Math.sin((phi2 - phi1) / 2);
  const sinLongitude = Math.sin(((to.longitude - from.longitude) * radians) / 2);
  const chord = sinLatitude ** 2 + Math.cos(phi1) * Math.cos(phi2) * sinLongitude ** 2;
  return 2 * earthRadius_km * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/**
 * Great circle times 1.343 at the usual speed of the hour: an estimate where there is no router. `zone_min`
 * is the local time's offset from UTC.
 */
export function streetEstimate(options: { readonly zone_min: number }): TravelTime {
  return (origin, destinations, start_ms) => {
    const hour = Math.floor((start_ms / 60_000 + options.zone_min) / 60) % 24;
    const speed = speeds[(hour + 24) % 24] ?? 20;
    return destinations.map((destination) => {
      const distance_km = detour * greatCircle_km(origin, destination);
      return { distance_km, travel_min: parking_min + (60 * distance_km) / speed };
    });
  };
}
