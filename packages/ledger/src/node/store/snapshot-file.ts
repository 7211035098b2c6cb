import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { CodedError, type Crypto, concatBytes, type Outcome } from "@voltfog/runtime";
import { syncFolderSync } from "@voltfog/runtime/node";
import { Chain } from "../../chain/chain.ts";
import { encodeSnapshotHead, SnapshotAssembly } from "../../chain/snapshot.ts";
import {
  decodeSnapshotPlan,
  partCount,
  partMax_bytes,
  planMax_bytes,
  type SnapshotPlan,
  snapshotId,
} from "../../chain/snapshot-plan.ts";
import type { SnapshotProblem } from "../../chain/snapshot-problem.ts";
import type { Genesis } from "../../genesis/genesis.ts";

/** Writes the whole snapshot or nothing, one part in memory at a time. */
export async function writeSnapshotFile(options: {
  path: string;
  plan: SnapshotPlan;
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}): Promise<void> {
  const { path, plan, parts } = options;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(`${path}.new`, "w", 0o644);
  try {
    await file.writeFile(encodeSnapshotHead(plan));
    for await (const part of parts) await file.writeFile(concatBytes(lengthOf(part), part));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  syncFolderSync(dirname(path));
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return length;
}

interface Extent {
  readonly at_bytes: number;
  readonly length_bytes: number;
}

/**
 * A snapshot on disk, read part by part. What it gives is as good as the disk: whoever takes a part
 * proves it.
 */
export class SnapshotFile {
  readonly path: string;
  readonly plan: SnapshotPlan;
  /** Its name among peers; see {@link snapshotId}. */
  readonly id: Uint8Array;
  /** As it is sent to a peer. */
  readonly planBytes: Uint8Array;
  readonly #extents: readonly Extent[];

  private constructor(options: {
    path: string;
    plan: SnapshotPlan;
    planBytes: Uint8Array;
    extents: readonly Extent[];
    crypto: Crypto;
  }) {
    this.path = options.path;
    this.plan = options.plan;
    this.id = snapshotId(options.plan, options.crypto);
    this.planBytes = options.planBytes;
    this.#extents = options.extents;
  }

  /** undefined for a snapshot of the first form, which has no parts. SNAPSHOT_DAMAGED where it is none. */
  static async open(options: { path: string; crypto: Crypto }): Promise<SnapshotFile | undefined> {
    const { path } = options;
    const file = await open(path, "r");
    try {
      const [version] = await readAt(file, { at_bytes: 0, length_bytes: 1 });
      if (version === 1) return undefined;
      const head = await extentAt(file, { at_bytes: 1, max_bytes: planMax_bytes });
      const planBytes = await readAt(file, head);
      const plan = decodeSnapshotPlan(planBytes);
      if (version !== 2 || !plan.ok) throw damaged(path);
      const extents: Extent[] = [];
      let end_bytes = head.at_bytes + head.length_bytes;
      for (let place = 0; place < partCount(plan.value); place++) {
        const extent = await extentAt(file, { at_bytes: end_bytes, max_bytes: partMax_bytes });
        extents.push(extent);
        end_bytes = extent.at_bytes + extent.length_bytes;
      }
      if ((await file.stat()).size !== end_bytes) throw damaged(path);
      return new SnapshotFile({ ...options, plan: plan.value, planBytes, extents });
    } finally {
      await file.close();
    }
  }

  get parts(): number {
    return this.#extents.length;
  }

  /** undefined where the snapshot has no such part. */
  async read(place: number): Promise<Uint8Array | undefined> {
    const extent = this.#extents[place];
    if (extent === undefined) return undefined;
    const file = await open(this.path, "r");
    try {
      return await readAt(file, extent);
    } finally {
      await file.close();
    }
  }
}

/** A chain at the snapshot's height, every byte proved. Costs one part of memory beside the chain itself. */
export async function chainFromFile(options: {
  path: string;
  genesis: Genesis;
  crypto: Crypto;
  resultsKept?: number;
}): Promise<Outcome<Chain, SnapshotProblem>> {
  const file = await SnapshotFile.open(options);
  if (file === undefined) return chainFromWhole(options);
  const assembly = SnapshotAssembly.begin({ ...options, plan: file.plan });
  if (!assembly.ok) return assembly;
  for (let place = 0; place < file.parts; place++) {
    const problem = assembly.value.take((await file.read(place)) ?? new Uint8Array());
    if (problem !== undefined) return { ok: false, problem };
  }
  return Chain.fromSnapshot({ ...options, assembly: assembly.value });
}

async function chainFromWhole(options: {
  path: string;
  genesis: Genesis;
  crypto: Crypto;
  resultsKept?: number;
}): Promise<Outcome<Chain, SnapshotProblem>> {
  const file = await open(options.path, "r");
  try {
    return Chain.fromSnapshot({ ...options, bytes: await file.readFile() });
  } finally {
    await file.close();
  }
}

async function extentAt(
  file: FileHandle,
  from: { at_bytes: number; max_bytes: number },
): Promise<Extent> {
  const bytes = await readAt(file, { at_bytes: from.at_bytes, length_bytes: 4 });
  const length_bytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (length_bytes > from.max_bytes) throw damaged("snapshot");
  return { at_bytes: from.at_bytes + 4, length_bytes };
}

async function readAt(file: FileHandle, extent: Extent): Promise<Uint8Array> {
  const bytes = new Uint8Array(extent.length_bytes);
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, extent.at_bytes + at);
    if (bytesRead === 0) throw damaged("snapshot");
    at += bytesRead;
  }
  return bytes;
}

function damaged(path: string): CodedError {
  return new CodedError({
    code: "SNAPSHOT_DAMAGED",
    message: `${path} is not a whole snapshot`,
    remedy: "remove it; another one is written after at most 1,000 blocks",
  });
}
