import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { identifierPattern, type Logger, messageOf } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import { type Attachment, settled } from "./attachment.ts";
import type { DatedMove } from "./move-history.ts";

/** Format 1 knew neither standbys nor moves. */
const formats = [1, 2];
const format = 2;

/** What survives a restart: the version, who belongs where with the reasons, and the latest moves. */
export interface PlacementState {
  readonly version: number;
  readonly attachments: readonly Attachment[];
  readonly moves: readonly DatedMove[];
}

/** The state as a file that is replaced as a whole. */
export class StateFile {
  readonly path: string;
  #written = -1;

  constructor(options: { dataDir: string }) {
    this.path = join(options.dataDir, "state.json");
  }

  /**
   * The stored state, or an empty one. A damaged file is set aside and said so: placements can be made
   * again, and vehicles that are connected are adopted where they are. `lostVersion` then takes the
   * place of the stored version, so that units don't take new assignments for old ones.
   */
  load(options: { lostVersion: number; logger: Logger }): PlacementState {
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code === "ENOENT") return emptyAt(0);
      throw thrown;
    }
    const state = readState(text);
    if (state !== undefined) {
      this.#written = state.version;
      return state;
    }
    renameSync(this.path, `${this.path}.damaged`);
    options.logger.warn("state file damaged, starting anew", { setAside: `${this.path}.damaged` });
    return emptyAt(options.lostVersion);
  }

  /** Writes when the version is newer than the last one written; a full disk is said and tried again later. */
  save(state: PlacementState, logger: Logger): void {
    if (state.version === this.#written) return;
    const { version, moves } = state;
    const content = { format, version, attachments: state.attachments.map(settled), moves };
    try {
      replaceFileSync(this.path, `${JSON.stringify(content)}\n`);
      this.#written = state.version;
    } catch (thrown) {
      logger.error("state not saved", { path: this.path, reason: messageOf(thrown) });
    }
  }
}

/** The state in the text of a file, or undefined where it is anything else. */
export function readState(text: string): PlacementState | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof content !== "object" || content === null) return undefined;
  const state = content as { readonly [K in keyof PlacementState | "format"]?: unknown };
  const { attachments, moves = [] } = state;
  if (!formats.includes(Number(state.format)) || !Number.isSafeInteger(state.version)) {
    return undefined;
  }
  if (!Array.isArray(attachments) || !attachments.every(isAttachment)) return undefined;
  if (!Array.isArray(moves) || !moves.every(isMove)) return undefined;
  const known = attachments.map((one) => ({ ...one, standbyUnitId: one.standbyUnitId ?? null }));
  return { version: state.version as number, attachments: known, moves };
}

function isAttachment(item: unknown): item is Attachment {
  if (typeof item !== "object" || item === null) return false;
  const one = item as { [K in keyof Attachment]?: unknown };
  return (
    isId(one.vehicleId) &&
    isId(one.unitId) &&
    (one.latency_ms === null || typeof one.latency_ms === "number") &&
    typeof one.reason === "string" &&
    typeof one.since_ms === "number" &&
    Array.isArray(one.considered) &&
    (isId(one.standbyUnitId) || (one.standbyUnitId ?? null) === null) &&
    one.rival === undefined &&
    one.next === undefined &&
    one.from === undefined
  );
}

function isMove(item: unknown): item is DatedMove {
  if (typeof item !== "object" || item === null) return false;
  const { vehicleId, from, to, trigger, why, at_ms } = item as {
    readonly [K in keyof DatedMove]?: unknown;
  };
  const isText = (value: unknown): boolean => typeof value === "string" && value.length <= 2000;
  return (
    [vehicleId, to].every(isId) &&
    (from === null || isId(from)) &&
    [trigger, why].every(isText) &&
    typeof at_ms === "number"
  );
}

function isId(value: unknown): boolean {
  return typeof value === "string" && identifierPattern.test(value);
}

function emptyAt(version: number): PlacementState {
  return { version, attachments: [], moves: [] };
}
