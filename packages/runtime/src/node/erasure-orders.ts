import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { CodedError } from "../coded-error.ts";
import { identifierPattern } from "../identifiers.ts";
import { replaceFileSync, syncFolderSync } from "./files.ts";

/** In a process's data folder while it has something to erase at its next start. */
export const erasureOrdersFile = "erasure-orders.json";

/** Frames of one vehicle that are to be gone, from a process that holds them. */
export interface FrameErasure {
  readonly vehicleId: string;
  /** Of all keys that the vehicle ever had: the first 16 bytes of the SHA-256 of each, in hex. */
  readonly keyIds: readonly string[];
  /** Null for both streams. */
  readonly stream: "telemetry" | "urgent" | null;
  /** Sequence numbers, both inclusive. */
  readonly from: number;
  readonly to: number;
  /** True where nothing of the vehicle is to be left, of whatever number. */
  readonly isWhole: boolean;
  readonly by: string;
  readonly reason: string;
  readonly ordered_ms: number;
}

/** The orders that wait in this folder. ERASURE_ORDERS_INVALID where the file is none of ours. */
export function readErasureOrders(dataDir: string): readonly FrameErasure[] {
  const path = join(dataDir, erasureOrdersFile);
  if (!existsSync(path)) return [];
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    value = undefined;
  }
  const { version, orders } = (value ?? {}) as { version?: unknown; orders?: unknown };
  if (version === 1 && Array.isArray(orders) && orders.every(isOrder)) return orders;
  throw new CodedError({
    code: "ERASURE_ORDERS_INVALID",
    message: `${path} is no list of orders to erase`,
    remedy: "remove it and give the order again with voltfog erase",
  });
}

/** Adds one, durably. */
export function addErasureOrder(dataDir: string, order: FrameErasure): void {
  const orders = [...readErasureOrders(dataDir), order];
  const text = `${JSON.stringify({ version: 1, orders }, null, 1)}\n`;
  replaceFileSync(join(dataDir, erasureOrdersFile), text, { mode: 0o600 });
}

/** What was ordered has been done. */
export function clearErasureOrders(dataDir: string): void {
  const path = join(dataDir, erasureOrdersFile);
  if (!existsSync(path)) return;
  rmSync(path);
  syncFolderSync(dirname(path));
}

/** Whether an order is about this frame of its vehicle. */
export function isOrdered(
  order: Pick<FrameErasure, "stream" | "from" | "to" | "isWhole">,
  frame: { readonly stream: string; readonly sequence: number },
): boolean {
  if (order.isWhole) return true;
  const isStream = order.stream === null || order.stream === frame.stream;
  return isStream && frame.sequence >= order.from && frame.sequence <= order.to;
}

function isOrder(value: unknown): value is FrameErasure {
  const order = (value ?? {}) as Record<string, unknown>;
  const { vehicleId, keyIds, stream, from, to, isWhole, by, reason, ordered_ms } = order;
  const areTexts = [vehicleId, by, reason].every((one) => typeof one === "string");
  const areNumbers = [from, to, ordered_ms].every(Number.isSafeInteger);
  const isStream = stream === null || stream === "telemetry" || stream === "urgent";
  const areKeys = Array.isArray(keyIds) && keyIds.every((id) => /^[0-9a-f]{32}$/.test(String(id)));
  const isNamed = typeof vehicleId === "string" && identifierPattern.test(vehicleId);
  return areTexts && areNumbers && isStream && areKeys && isNamed && typeof isWhole === "boolean";
}
