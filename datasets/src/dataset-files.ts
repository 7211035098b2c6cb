import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, messageOf } from "@voltfog/runtime";
import { type DatasetEntry, datasetEntry, knownDatasets, type ManifestFile } from "./manifest.ts";

/** A dataset all of whose files were found unchanged. */
export interface Dataset extends DatasetEntry {
  /** Its folder. */
  readonly folder: string;
}

export interface DatasetFault {
  readonly dataset: string;
  readonly file: string;
  readonly code: "DATASET_MISSING" | "DATASET_CHANGED";
  readonly detail: string;
}

export interface DatasetReport {
  readonly ok: boolean;
  /** Files that were read and compared. */
  readonly files: number;
  readonly faults: readonly DatasetFault[];
}

/**
 * The dataset with this id below the root, after every file was compared with its SHA-256.
 * Throws DATASET_MISSING or DATASET_CHANGED with what to do. Cost: reads all files once.
 */
export async function loadDataset(options: { root: string; id: string }): Promise<Dataset> {
  const entry = datasetEntry(options.id);
  for (const file of entry.files) {
    await readDatasetFile({ root: options.root, id: entry.id, file: file.path });
  }
  return { ...entry, folder: join(options.root, entry.id) };
}

/** Compares every file of every known dataset below the root and reports all faults, never throwing for one. */
export async function verifyDatasets(options: { root: string }): Promise<DatasetReport> {
  const faults: DatasetFault[] = [];
  let files = 0;
  for (const entry of knownDatasets()) {
    for (const file of entry.files) {
      files++;
      const fault = await faultOf({ root: options.root, id: entry.id, file });
      if (fault !== undefined) faults.push(fault);
    }
  }
  return { ok: faults.length === 0, files, faults };
}

/** The bytes of one file of a dataset, unchanged; DATASET_MISSING or DATASET_CHANGED otherwise. */
export async function readDatasetFile(options: {
  root: string;
  id: string;
  file: string;
}): Promise<Uint8Array> {
  const listed = datasetEntry(options.id).files.find(({ path }) => path === options.file);
  if (listed === undefined) {
    throw new CodedError({
      code: "DATASET_MISSING",
      message: `dataset ${options.id} has no file ${options.file}`,
    });
  }
  const path = join(options.root, options.id, listed.path);
  let content: Uint8Array;
  try {
    content = await readFile(path);
  } catch (thrown) {
    throw new CodedError({
      code: "DATASET_MISSING",
      message: `${path} cannot be read: ${messageOf(thrown)}`,
      remedy: "name the folder of the datasets with --datasets or VOLTFOG_DATASETS",
      cause: thrown,
    });
  }
  const sha256 = createHash("sha256").update(content).digest("hex");
  if (sha256 !== listed.sha256) {
    throw new CodedError({
      code: "DATASET_CHANGED",
      message: `${path} has SHA-256 ${sha256}, the manifest says ${listed.sha256}`,
      remedy: "restore the file from its source; results from a changed file would not compare",
    });
  }
  return content;
}

async function faultOf(options: {
  root: string;
  id: string;
  file: ManifestFile;
}): Promise<DatasetFault | undefined> {
  try {
    await readDatasetFile({ root: options.root, id: options.id, file: options.file.path });
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof CodedError)) throw thrown;
    return {
      dataset: options.id,
      file: options.file.path,
      code: thrown.code === "DATASET_CHANGED" ? "DATASET_CHANGED" : "DATASET_MISSING",
      detail: thrown.message,
    };
  }
}
