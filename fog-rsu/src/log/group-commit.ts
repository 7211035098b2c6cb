import { BoundedQueue } from "@voltfog/runtime";

/** Where a group of entries went. */
export interface Committed {
  readonly firstIndex: number;
  /** Signed note that covers the whole group. */
  readonly checkpoint: string;
}

export interface Placed {
  readonly index: number;
  readonly checkpoint: string;
}

export interface GroupCommitOptions<T> {
  readonly groupMax: number;
  /** Items that wait for the disk at most; further ones are not taken. */
  readonly backlogMax: number;
  /** Goes into the next group before what is not, wherever it stood. */
  readonly isUrgent?: (item: T) => boolean;
  /** Resolves when all of the group is durable. */
  readonly commit: (group: readonly T[]) => Promise<Committed>;
  readonly committed: (group: readonly T[], place: Committed) => void;
  /** The disk refused: nothing of the group nor of what waited behind it was kept. */
  readonly failed: (thrown: unknown) => void;
}

interface Waiting<T> {
  readonly item: T;
  readonly resolve: (placed: Placed) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Gathers what arrives while the disk is busy into the next group, so that many frames share one
 * fdatasync and a lone frame waits for nobody. Urgent items go first, with room left for others; either
 * kind keeps its order of arrival. When a group fails,
 * everything that waited behind it fails too: it may have been judged as following a lost frame.
 */
export class GroupCommit<T> {
  readonly #options: GroupCommitOptions<T>;
  #urgent: BoundedQueue<Waiting<T>>;
  #waiting: BoundedQueue<Waiting<T>>;
  #busy: Promise<void> | undefined;

  constructor(options: GroupCommitOptions<T>) {
    this.#options = options;
    this.#urgent = new BoundedQueue({ limit: options.backlogMax });
    this.#waiting = new BoundedQueue({ limit: options.backlogMax });
  }

  /**
   * Resolves once the item is durable, rejects with the disk's error when it was not kept. Undefined
   * when too much waits already: the item was not taken.
   */
  offer(item: T): Promise<Placed> | undefined {
    const queue = this.#options.isUrgent?.(item) === true ? this.#urgent : this.#waiting;
    if (queue.size >= queue.limit) return undefined;
    const placed = new Promise<Placed>((resolve, reject) => {
      queue.offer({ item, resolve, reject });
    });
    this.#busy ??= this.#drain();
    return placed;
  }

  get waiting(): number {
    return this.#urgent.size + this.#waiting.size;
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy;
  }

  async #drain(): Promise<void> {
    // Frames of the same read of a socket arrive in one turn; let them all in first.
    await Promise.resolve();
    while (this.waiting > 0) await this.#commitNext();
    this.#busy = undefined;
  }

  async #commitNext(): Promise<void> {
    const group = this.#nextGroup();
    const items = group.map(({ item }) => item);
    let place: Committed;
    try {
      place = await this.#options.commit(items);
    } catch (thrown) {
      this.#fail(group, thrown);
      return;
    }
    group.forEach(({ resolve }, at) => {
      resolve({ index: place.firstIndex + at, checkpoint: place.checkpoint });
    });
    this.#options.committed(items, place);
  }

  /** An eighth of a group is for others, however many alerts wait. */
  #nextGroup(): Waiting<T>[] {
    const { groupMax } = this.#options;
    const group: Waiting<T>[] = [];
    const kept = Math.min(this.#waiting.size, Math.ceil(groupMax / 8));
    while (group.length < Math.max(1, groupMax - kept)) {
      const next = this.#urgent.poll();
      if (next === undefined) break;
      group.push(next);
    }
    while (group.length < groupMax) {
      const next = this.#waiting.poll();
      if (next === undefined) break;
      group.push(next);
    }
    return group;
  }

  #fail(group: readonly Waiting<T>[], thrown: unknown): void {
    const behind = [this.#urgent, this.#waiting];
    this.#urgent = new BoundedQueue({ limit: this.#options.backlogMax });
    this.#waiting = new BoundedQueue({ limit: this.#options.backlogMax });
    this.#options.failed(thrown);
    for (const { reject } of group) reject(thrown);
    for (const queue of behind) {
      for (let next = queue.poll(); next !== undefined; next = queue.poll()) next.reject(thrown);
    }
  }
}
