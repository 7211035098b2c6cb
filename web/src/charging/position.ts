/** WGS 84, degrees. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

export const earthRadius_km = 6371;

/** As written on the page and in the address: 4 digits are 11 m, enough to find a charger. */
export function positionText({ latitude, longitude }: Position): string {
  return `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`;
}

/** Of a GeoJSON point, which has the longitude first. */
export function positionOf(feature: {
  readonly geometry: { readonly coordinates: readonly [number, number] };
}): Position {
  const [longitude, latitude] = feature.geometry.coordinates;
  return { latitude, longitude };
}
