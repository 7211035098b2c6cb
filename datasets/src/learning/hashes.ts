import { createHash } from "node:crypto";
import type { FeatureTable } from "./feature-table.ts";

export function sha256Hex(parts: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** SHA-256 over the features (float32) and then the targets (float64) of the training rows, little-endian. */
export function trainingHash(table: FeatureTable, target: Float64Array): string {
  return sha256Hex([bytesOf(table.values), bytesOf(target)]);
}

function bytesOf(values: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
