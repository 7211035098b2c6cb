import { type ChargerBoard, decodeChargerReport } from "@voltfog/forecasting";
import type { Logger } from "@voltfog/runtime";
import { parseJson } from "../live/json-value.ts";
import type { Remote } from "../remote/remote.ts";
import type { StepVerdict } from "../remote/repeat.ts";

/** A unit that may know of chargers. */
export interface ChargerUnit {
  readonly id: string;
  readonly remote: Remote;
}

interface FollowerOptions {
  readonly units: readonly ChargerUnit[];
  readonly board: ChargerBoard;
  readonly signal: AbortSignal;
  readonly longPoll_ms: number;
  readonly logger: Logger;
}

const bodyMax_bytes = 32 * 1024 * 1024;
const replyMargin_ms = 5000;
/** A unit without chargers, or with a report that makes no sense, is asked again so much later. */
const pause_ms = 2000;

/** Brings the newest report of the chargers to the board, from whichever unit answers. */
export class ChargerFollower {
  readonly #options: FollowerOptions;
  #turn = 0;
  #count = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Asks one unit; after an answer the same one again, otherwise the next. */
  async step(): Promise<StepVerdict> {
    const { units } = this.#options;
    const unit = units[this.#turn % Math.max(1, units.length)];
    if (unit === undefined) return { pause_ms };
    const isAnswered = await this.#ask(unit).catch(() => false);
    if (isAnswered) return { pause_ms: 0 };
    this.#turn++;
    this.#count = 0;
    // Every unit was asked in vain once the turn comes round.
    return { pause_ms: this.#turn % units.length === 0 ? pause_ms : 0 };
  }

  async #ask({ id, remote }: ChargerUnit): Promise<boolean> {
    const { longPoll_ms, signal, board, logger } = this.#options;
    const path = `/v1/chargers?after=${this.#count}&wait_ms=${longPoll_ms}`;
    const timeout_ms = longPoll_ms + replyMargin_ms;
    const reply = await remote.get(path, { signal, timeout_ms, bodyMax_bytes });
    if (reply.status === 204) return true;
    if (reply.status !== 200) return false;
    const report = decodeChargerReport(parseJson(reply.body));
    if (report.ok) {
      this.#count = report.value.count;
      board.take(report.value);
      return true;
    }
    logger.warn("a unit's report of chargers is refused", { unitId: id, ...report.problem });
    return false;
  }
}
