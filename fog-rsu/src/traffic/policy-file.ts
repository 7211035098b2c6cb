import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { decodePolicies, type TrafficPolicies } from "@voltfog/messages";
import type { Logger } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import { type OwnQuarantine, readOwnQuarantine } from "./own-quarantine.ts";

const format = 1;
const nothing: KeptPolicies = { policies: undefined, own: [] };

/** What a unit keeps of traffic: what it was told, and whom it put out by itself. */
export interface KeptPolicies {
  readonly policies: TrafficPolicies | undefined;
  readonly own: readonly OwnQuarantine[];
}

/** Kept over restarts. */
export class PolicyFile {
  readonly path: string;

  constructor(options: { dataDir: string }) {
    this.path = join(options.dataDir, "traffic", "policies.json");
  }

  /** Nothing without a file. A damaged one is set aside and said; the controller tells the policies again. */
  load(logger: Logger): KeptPolicies {
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code === "ENOENT") return nothing;
      throw thrown;
    }
    const kept = parsePolicyFile(text);
    if (kept !== undefined) return kept;
    const setAside = `${this.path}.damaged`;
    renameSync(this.path, setAside);
    logger.error("policies damaged: none hold until the controller tells them", { setAside });
    return nothing;
  }

  /** Durable when it returns; what the disk says otherwise. */
  save({
    policies = null,
    own,
  }: {
    policies?: TrafficPolicies | null;
    own: KeptPolicies["own"];
  }): void {
    replaceFileSync(this.path, `${JSON.stringify({ format, policies, own })}\n`);
  }
}

/** What the text of the file keeps, or undefined where it is anything else. */
export function parsePolicyFile(text: string): KeptPolicies | undefined {
  let content: { format?: unknown; policies?: unknown; own?: unknown } | null;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (content?.format !== format) return undefined;
  const { policies, own = [] } = content;
  if (!Array.isArray(own)) return undefined;
  const read = own.map(readOwnQuarantine);
  if (!read.every((one) => one !== undefined)) return undefined;
  if (policies === null) return { policies: undefined, own: read };
  const decoded = decodePolicies(policies);
  return decoded.ok ? { policies: decoded.value, own: read } : undefined;
}
