import type { DecidingSet } from "../validators/site-validators.ts";
import type { ListedFile } from "./archive-format.ts";

/** What one unit's log was when it was backed up. */
export interface BackedUpUnit {
  readonly id: string;
  readonly entries: number;
  /** Hex. */
  readonly root: string;
}

/** What a backup is of, and every file in it. */
export interface BackupManifest {
  readonly format: 1;
  readonly created_ms: number;
  readonly chain: string;
  /** Hex. */
  readonly chainId: string;
  /** Of the validator that had most blocks. */
  readonly height: number;
  readonly units: readonly BackedUpUnit[];
  /** Who decided when it was taken, by the chain; missing in archives of before. */
  readonly deciding?: DecidingSet;
  readonly files: readonly ListedFile[];
}

/** The manifest in JSON text, or undefined where the text is none. */
export function parseManifest(text: string): BackupManifest | undefined {
  let value: { readonly [K in keyof BackupManifest]?: unknown } | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const isManifest =
    value?.format === 1 &&
    typeof value.created_ms === "number" &&
    typeof value.chain === "string" &&
    typeof value.chainId === "string" &&
    typeof value.height === "number" &&
    Array.isArray(value.units) &&
    Array.isArray(value.files);
  return isManifest ? (value as unknown as BackupManifest) : undefined;
}
