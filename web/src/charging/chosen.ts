import type { Position } from "./position.ts";

/** Where the driver goes, and what was expected when that was decided. */
export interface Chosen {
  readonly id: string;
  readonly name: string;
  readonly position: Position;
  readonly from: Position;
  /** The network's time. */
  readonly arrival_ms: number;
  readonly free: number;
}

/** Reads back what JSON.stringify wrote; undefined for anything else, so that an old tab never breaks the page. */
export function chosenFrom(text: string | undefined): Chosen | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
  const { id, name, position, from, arrival_ms, free } = (value ?? {}) as Partial<Chosen>;
  if (typeof id !== "string" || typeof name !== "string") return undefined;
  if (typeof arrival_ms !== "number" || typeof free !== "number") return undefined;
  if (!isPosition(position) || !isPosition(from)) return undefined;
  return { id, name, position, from, arrival_ms, free };
}

function isPosition(value: Position | undefined): value is Position {
  return typeof value?.latitude === "number" && typeof value.longitude === "number";
}
