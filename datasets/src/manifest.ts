import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CodedError, messageOf } from "@voltfog/runtime";
import { shippedRoot } from "./dataset-root.ts";

/** One file of a dataset, as it must be. */
export interface ManifestFile {
  /** Name inside the dataset's folder. */
  readonly path: string;
  readonly size_bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What a dataset is, where it comes from and under which terms. */
export interface DatasetEntry {
  /** The folder's name. */
  readonly id: string;
  readonly title: string;
  readonly source: string;
  /** SPDX identifier. */
  readonly licence: string;
  readonly attribution: string;
  readonly files: readonly ManifestFile[];
}

interface Manifest {
  readonly version: 1;
  readonly datasets: readonly DatasetEntry[];
}

/**
 * The datasets that the product knows. The list is the shipped one wherever the files themselves lie:
 * a folder cannot vouch for its own content.
 */
export function knownDatasets(): readonly DatasetEntry[] {
  const path = join(shippedRoot(), "manifest.json");
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
  } catch (thrown) {
    throw new CodedError({
      code: "DATASET_MISSING",
      message: `the list of datasets cannot be read: ${messageOf(thrown)}`,
      remedy: "check the product out again; the file belongs to it",
    });
  }
  if (manifest.version !== 1) {
    throw new CodedError({
      code: "DATASET_CHANGED",
      message: `${path} has version ${JSON.stringify(manifest.version)}, this reader knows 1`,
      remedy: "check the product out again",
    });
  }
  return manifest.datasets;
}

/** The entry of one dataset; DATASET_MISSING where none has the id. */
export function datasetEntry(id: string): DatasetEntry {
  const entries = knownDatasets();
  const entry = entries.find((candidate) => candidate.id === id);
  if (entry !== undefined) return entry;
  throw new CodedError({
    code: "DATASET_MISSING",
    message: `no dataset is called ${id}`,
    remedy: `choose one of ${entries.map((known) => known.id).join(", ")}`,
  });
}
