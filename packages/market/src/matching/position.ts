import type { ByteReader, ByteWriter } from "@voltfog/runtime";

/**
 * Where a vehicle or a meeting point is, in whole numbers. On the earth: micro-degrees east and north
 * (WGS 84). On a plane, as in the published experiment: millimetres along two axes.
 */
export interface Position {
  readonly kind: "earth" | "plane";
  readonly east: number;
  readonly north: number;
}

const kindNumbers = { earth: 1, plane: 2 } as const;

/** Numbers from −limit to limit; on a plane about 2147 km each way, what an i32 of millimetres holds. */
export const positionLimits = {
  earth: { east: 180_000_000, north: 90_000_000 },
  plane: { east: 2_147_483_647, north: 2_147_483_647 },
} as const;

export function isPosition({ kind, east, north }: Position): boolean {
  const limits = positionLimits[kind];
  return (
    Number.isInteger(east) &&
    Number.isInteger(north) &&
    Math.abs(east) <= limits.east &&
    Math.abs(north) <= limits.north
  );
}

/** u8 kind (1 earth, 2 plane) · i32 east · i32 north. */
export function writePosition(writer: ByteWriter, { kind, east, north }: Position): void {
  writer.u8(kindNumbers[kind]).i32(east).i32(north);
}

export function readPosition(reader: ByteReader): Position {
  const number = reader.u8();
  if (number !== kindNumbers.earth && number !== kindNumbers.plane) {
    reader.fail(`position of kind ${number}`);
  }
  const kind = number === kindNumbers.earth ? "earth" : "plane";
  const position: Position = { kind, east: reader.i32(), north: reader.i32() };
  if (!isPosition(position)) reader.fail(`${position.east}, ${position.north} is nowhere`);
  return position;
}
