import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Crypto, equalBytes } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import { openSnapshotPart } from "../../chain/snapshot-parts.ts";
import {
  decodeSnapshotPlan,
  encodeSnapshotPlan,
  partCount,
  type SnapshotPlan,
  snapshotId,
  verifySnapshotPlan,
} from "../../chain/snapshot-plan.ts";
import type { SnapshotProblem } from "../../chain/snapshot-problem.ts";
import type { Genesis } from "../../genesis/genesis.ts";

// Ends like every file that no backup takes along.
const planName = "plan.part";

interface IncomingOptions {
  readonly folder: string;
  readonly genesis: Genesis;
  readonly crypto: Crypto;
}

/**
 * A snapshot that is being fetched: its plan and the parts that are there, each proved before it is
 * kept. Lies in a folder of its own, so that a process that was killed goes on with what it had.
 */
export class IncomingSnapshot {
  readonly plan: SnapshotPlan;
  readonly id: Uint8Array;
  readonly #folder: string;
  readonly #crypto: Crypto;
  readonly #missing: Set<number>;

  private constructor(options: { plan: SnapshotPlan; folder: string; crypto: Crypto }) {
    const { plan, crypto } = options;
    this.plan = plan;
    this.id = snapshotId(plan, crypto);
    this.#folder = options.folder;
    this.#crypto = crypto;
    this.#missing = new Set(Array.from({ length: partCount(plan) }, (_, place) => place));
  }

  /** Begins with a plan that is verified; what another one left behind goes. */
  static async begin(options: IncomingOptions & { plan: SnapshotPlan }): Promise<IncomingSnapshot> {
    const { folder, plan } = options;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    replaceFileSync(join(folder, planName), encodeSnapshotPlan(plan));
    return new IncomingSnapshot(options);
  }

  /** What an earlier run has fetched, each part proved again; undefined where there is nothing good. */
  static async resume(options: IncomingOptions): Promise<IncomingSnapshot | undefined> {
    const { folder } = options;
    const bytes = await readFile(join(folder, planName)).catch(() => undefined);
    const decoded = bytes && decodeSnapshotPlan(bytes);
    const verified = decoded?.ok
      ? verifySnapshotPlan({ ...options, plan: decoded.value })
      : undefined;
    if (!verified?.ok) return undefined;
    const incoming = new IncomingSnapshot({ ...options, plan: verified.value });
    for (const name of await readdir(folder)) {
      const place = /^([0-9]{6})\.part$/.exec(name)?.[1];
      if (place !== undefined) await incoming.#keepIfGood(Number(place));
    }
    return incoming;
  }

  get height(): number {
    return this.plan.evidence.header.height;
  }

  /** Places of the parts that are not there, the lowest first. */
  get missing(): ReadonlySet<number> {
    return this.#missing;
  }

  is(id: Uint8Array): boolean {
    return equalBytes(id, this.id);
  }

  /** Why these bytes are not that part; undefined where they are, and kept. */
  async put(place: number, bytes: Uint8Array): Promise<SnapshotProblem | undefined> {
    const part = openSnapshotPart({ plan: this.plan, place, bytes, crypto: this.#crypto });
    if (!part.ok) return part.problem;
    if (!this.#missing.has(place)) return undefined;
    // Not synced: a part that a power cut tears is found out when it is proved again.
    await writeFile(`${this.#path(place)}.new`, bytes);
    await rename(`${this.#path(place)}.new`, this.#path(place));
    this.#missing.delete(place);
    return undefined;
  }

  /** Every part, in order, once none is missing. */
  async *parts(): AsyncGenerator<Uint8Array> {
    for (let place = 0; place < partCount(this.plan); place++) {
      yield await readFile(this.#path(place));
    }
  }

  /** Removes it, finished or not. */
  async discard(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #keepIfGood(place: number): Promise<void> {
    const { plan } = this;
    const bytes = await readFile(this.#path(place));
    if (openSnapshotPart({ plan, place, bytes, crypto: this.#crypto }).ok) {
      this.#missing.delete(place);
    }
  }

  #path(place: number): string {
    return join(this.#folder, `${String(place).padStart(6, "0")}.part`);
  }
}
