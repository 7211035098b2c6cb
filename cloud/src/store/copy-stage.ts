import type { StepVerdict } from "../remote/repeat.ts";
import type { SideDatabase } from "./side-database.ts";

/** A start has other things to do. */
const firstPause_ms = 60_000;
const pause_ms = 600_000;

/** Copies a database every ten minutes, so that a backup of a running site has it. */
export class CopyStage {
  readonly #database: Pick<SideDatabase, "copy">;
  #isStarted = false;

  constructor(database: Pick<SideDatabase, "copy">) {
    this.#database = database;
  }

  async step(): Promise<StepVerdict> {
    if (!this.#isStarted) {
      this.#isStarted = true;
      return { pause_ms: firstPause_ms };
    }
    await this.#database.copy();
    return { pause_ms };
  }
}
