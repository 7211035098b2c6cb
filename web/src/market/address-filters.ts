/** The account that an address looks at: its key, as 64 hexadecimal digits; undefined for anything else. */
export function keyOf(query: URLSearchParams): string | undefined {
  const text = query.get("key")?.trim().toLowerCase() ?? "";
  return /^[0-9a-f]{64}$/.test(text) ? text : undefined;
}

/** A calendar day (UTC) of an address; the given day where it names none. */
export function dayFrom(text: string | null, otherwise: string): string {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return otherwise;
  const time_ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time_ms) || new Date(time_ms).toISOString().slice(0, 10) !== text
    ? otherwise
    : text;
}

/** A position of an address, lat and lon in degrees; undefined where it is none. */
export function positionFrom(
  query: URLSearchParams,
): { readonly latitude: number; readonly longitude: number } | undefined {
  const [latitude, longitude] = [degrees(query.get("lat"), 90), degrees(query.get("lon"), 180)];
  return latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
}

function degrees(text: string | null, most: number): number | undefined {
  if (text === null || !/^-?\d{1,3}(\.\d{1,12})?$/.test(text)) return undefined;
  const value = Number(text);
  return Math.abs(value) <= most ? value : undefined;
}
