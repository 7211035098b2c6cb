import { join } from "node:path";

/** The files of a vehicle's folder. */
export interface OutboxPaths {
  /** One line for every frame ever cut. */
  readonly journal: string;
  /** Folder of the frames that no unit has acknowledged. */
  readonly queue: string;
  /** Samples that may not be in a frame yet. */
  readonly unframed: string;
}

export function outboxPaths(folder: string): OutboxPaths {
  return {
    journal: join(folder, "journal"),
    queue: join(folder, "outbox"),
    unframed: join(folder, "unframed"),
  };
}
