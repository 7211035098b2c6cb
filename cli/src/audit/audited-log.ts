import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { logHashOf } from "@voltfog/ledger";
import { type AuditReport, auditLog, auditServedLog, type FinalRoot } from "@voltfog/ledger/node";
import { messageOf } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { getBytes } from "../up/http-json.ts";

/** A log that is to be audited: its origin, and how. */
export interface AuditedLog {
  /** First line of its checkpoint. */
  readonly origin: string;
  audit(finals: readonly FinalRoot[]): Promise<AuditReport>;
}

/** The log at a unit's address, or in its data folder or log folder. */
export async function openAuditedLog(place: string): Promise<AuditedLog> {
  if (/^https?:\/\//.test(place)) return await servedLog(place.replace(/\/$/, ""));
  const folder = existsSync(join(place, "log")) ? join(place, "log") : place;
  if (!existsSync(join(folder, "journal"))) throw noLog(place, "there is no log in it");
  // The key file names the log; where it was changed, the checkpoint still does.
  const origin = firstOf(folder, "vkey", "+") ?? firstOf(folder, "checkpoint", "\n");
  if (origin === undefined) throw noLog(place, "neither vkey nor checkpoint says whose log it is");
  return {
    origin,
    audit: (finals) => auditLog({ folder, finals, hash: logHashOf(origin), crypto: nodeCrypto }),
  };
}

async function servedLog(url: string): Promise<AuditedLog> {
  const { status, body } = await getBytes(`${url}/checkpoint`);
  const [origin = "", digits = ""] = new TextDecoder().decode(body).split("\n");
  const size = /^[0-9]{1,12}$/.test(digits) ? Number(digits) : undefined;
  if (status !== 200 || size === undefined) throw noLog(url, `it serves no checkpoint (${status})`);
  const fetchTile = async (path: string): Promise<Uint8Array | undefined> => {
    const tile = await getBytes(`${url}/${path}`);
    return tile.status === 200 ? tile.body : undefined;
  };
  return {
    origin,
    audit: (finals) =>
      auditServedLog({ size, fetchTile, finals, hash: logHashOf(origin), crypto: nodeCrypto }),
  };
}

function firstOf(folder: string, file: string, end: string): string | undefined {
  try {
    const text = readFileSync(join(folder, file), "utf8");
    const at = text.indexOf(end);
    return at > 0 ? text.slice(0, at) : undefined;
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "ENOENT") return undefined;
    throw noLog(join(folder, file), messageOf(thrown));
  }
}

function noLog(place: string, why: string): Error {
  return complaint({
    code: "LOG_UNREADABLE",
    what: `${place} is no unit: ${why}`,
    remedy: "name a unit's data folder, such as .voltfog/unit-1, or its address",
  });
}
