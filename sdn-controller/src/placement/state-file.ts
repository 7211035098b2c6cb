import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { identifierPattern, type Logger, messageOf } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import type { Attachment } from "./review-attachments.ts";

const format = 1;

/** What survives a restart: the version and who belongs where, with the reasons. */
export interface PlacementState {
  readonly version: number;
  readonly attachments: readonly Attachment[];
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
      if ((thrown as { code?: unknown }).code === "ENOENT") return { version: 0, attachments: [] };
      throw thrown;
    }
    const state = readState(text);
    if (state !== undefined) {
      this.#written = state.version;
      return state;
    }
    renameSync(this.path, `${this.path}.damaged`);
    options.logger.warn("state file damaged, starting anew", { setAside: `${this.path}.damaged` });
    return { version: options.lostVersion, attachments: [] };
  }

  /** Writes when the version is newer than the last one written; a full disk is said and tried again later. */
  save(state: PlacementState, logger: Logger): void {
    if (state.version === this.#written) return;
    const attachments = state.attachments.map(({ rival: _, ...kept }) => kept);
    const content = { format, version: state.version, attachments };
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
  const state = content as { format?: unknown; version?: unknown; attachments?: unknown };
  if (state.format !== format || !Number.isSafeInteger(state.version)) return undefined;
  if (!Array.isArray(state.attachments) || !state.attachments.every(isAttachment)) return undefined;
  return { version: state.version as number, attachments: state.attachments };
}

function isAttachment(item: unknown): item is Attachment {
  if (typeof item !== "object" || item === null) return false;
  const one = item as { [K in keyof Attachment]?: unknown };
  const isId = (value: unknown): boolean =>
    typeof value === "string" && identifierPattern.test(value);
  return (
    isId(one.vehicleId) &&
    isId(one.unitId) &&
    (one.latency_ms === null || typeof one.latency_ms === "number") &&
    typeof one.reason === "string" &&
    typeof one.since_ms === "number" &&
    Array.isArray(one.considered) &&
    one.rival === undefined
  );
}
