import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { decodePolicies } from "@voltfog/messages";
import type { Logger } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import { type AuditEntry, auditMax, noPolicies, type PolicyState } from "./policy-book.ts";

const format = 1;
const actions: readonly AuditEntry["action"][] = [
  "quarantine",
  "release",
  "limit",
  "unlimit",
  "deny",
  "allow",
  "adopt",
];

/** Policies and their audit as a file that is replaced as a whole. */
export class PolicyFile {
  readonly path: string;

  constructor(options: { dataDir: string }) {
    this.path = join(options.dataDir, "policies.json");
  }

  /** A damaged file is set aside and said; the units still hold the policies, and are asked for them. */
  load(logger: Logger): PolicyState {
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code === "ENOENT") return noPolicies;
      throw thrown;
    }
    const state = readPolicyState(text);
    if (state !== undefined) return state;
    renameSync(this.path, `${this.path}.damaged`);
    logger.error("policies damaged: the units are asked", { setAside: `${this.path}.damaged` });
    return noPolicies;
  }

  /** Durable when it returns; throws what the disk says. */
  save(state: PolicyState): void {
    replaceFileSync(this.path, `${JSON.stringify({ format, ...state })}\n`);
  }
}

/** The state in the text of a file, or undefined where it is anything else. */
export function readPolicyState(text: string): PolicyState | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof content !== "object" || content === null) return undefined;
  const { format: stored, audit, ...lists } = content as Record<string, unknown>;
  if (stored !== format || !Array.isArray(audit) || audit.length > auditMax) return undefined;
  const decoded = decodePolicies({ ...lists, controllerId: "controller" });
  if (!decoded.ok || !audit.every(isAuditEntry)) return undefined;
  const { controllerId: _, ...policies } = decoded.value;
  return { ...policies, audit };
}

function isAuditEntry(value: unknown): value is AuditEntry {
  if (typeof value !== "object" || value === null) return false;
  const { at_ms, who, action, subject, why, order } = value as {
    [K in keyof AuditEntry]?: unknown;
  };
  return (
    typeof at_ms === "number" &&
    typeof who === "string" &&
    actions.some((one) => one === action) &&
    typeof subject === "string" &&
    typeof why === "string" &&
    (order === undefined || isOrder(order))
  );
}

function isOrder(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { id, event } = value as { id?: unknown; event?: unknown };
  if (typeof id !== "string") return false;
  if (event === null) return true;
  if (typeof event !== "object") return false;
  const { id: eventId, unitId } = event as { id?: unknown; unitId?: unknown };
  return typeof eventId === "string" && typeof unitId === "string";
}
