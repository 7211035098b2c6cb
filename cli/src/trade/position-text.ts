import type { Position } from "@voltfog/market";
import { complaint } from "../complaint.ts";

/** A thousandth of a degree, some hundred metres: near enough to meet, too coarse for a doorstep. */
const step = 1000;

/**
 * The place of "4.895,52.370" in longitude and latitude, rounded to a thousandth of a degree, or of
 * "plane:1200,-350" in metres. POSITION_INVALID.
 */
export function parsePosition(text: string): Position {
  const [kind, rest] = text.startsWith("plane:")
    ? (["plane", text.slice(6)] as const)
    : (["earth", text] as const);
  const [east = Number.NaN, north = Number.NaN, ...more] = rest
    .split(",")
    .map((part) => (/^\s*-?\d{1,7}(\.\d{1,9})?\s*$/.test(part) ? Number(part) : Number.NaN));
  const isOnEarth = Math.abs(east) <= 180 && Math.abs(north) <= 90;
  const isOnPlane = Math.abs(east) <= 1_000_000 && Math.abs(north) <= 1_000_000;
  if (more.length === 0 && (kind === "earth" ? isOnEarth : isOnPlane)) {
    const unit =
      kind === "earth"
        ? (value: number) => Math.round(value * 1000) * step
        : (value: number) => Math.round(value * 1000);
    // No −0: one place has one text.
    return { kind, east: unit(east) + 0, north: unit(north) + 0 };
  }
  throw complaint({
    code: "POSITION_INVALID",
    what: `${JSON.stringify(text)} is no place`,
    remedy: "write longitude,latitude in degrees, such as 4.895,52.370, or plane:x,y in metres",
  });
}
