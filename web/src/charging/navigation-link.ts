import type { Position } from "./position.ts";

/** A geo: address (RFC 5870), which phones hand to the navigation of the driver's choice. */
export function geoAddress(to: Position, name: string): string {
  const place = `${to.latitude.toFixed(6)},${to.longitude.toFixed(6)}`;
  // The query is Android's, which would else show the place without a mark.
  return `geo:${place}?q=${place}(${encodeURIComponent(name).replace(/[()]/g, "")})`;
}

/** A page with the way by car, for those without navigation; nothing is asked there before a click. */
export function directionsAddress(from: Position | undefined, to: Position): string {
  const place = ({ latitude, longitude }: Position): string =>
    `${latitude.toFixed(5)},${longitude.toFixed(5)}`;
  const query = new URLSearchParams({
    engine: "fossgis_osrm_car",
    route: `${from === undefined ? "" : place(from)};${place(to)}`,
  });
  return `https://www.openstreetmap.org/directions?${query}`;
}
