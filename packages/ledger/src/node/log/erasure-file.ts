import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Crypto, concatBytes, fromHex, toHex, utf8 } from "@voltfog/runtime";
import { replaceFileSync } from "@voltfog/runtime/node";
import type { JournalChain } from "./journal-format.ts";

/** In a log's folder: which frames were erased, by whose order, and what the unit vouches for since. */
export const erasureFile = "erasures.json";

/** Who ordered an erasure. It names no vehicle: that is what was erased. */
export interface ErasureOrder {
  readonly by: string;
  readonly reason: string;
  readonly ordered_ms: number;
  /** Entries whose frames it took. */
  readonly indexes: readonly number[];
}

/**
 * A group's digest and the unit's signature, after frames in it were erased. The group still ends in
 * the digest and seal that it was written with, which the groups behind it build on.
 */
export interface Amendment {
  readonly digest: Uint8Array;
  readonly seal: Uint8Array;
}

export interface Erasures {
  readonly orders: readonly ErasureOrder[];
  /** By the group's first index. */
  readonly amendments: ReadonlyMap<number, Amendment>;
}

const none: Erasures = { orders: [], amendments: new Map() };
const domain = utf8("voltfog/erasure/1\n");

/** What the unit signs for a group that lost frames: the group as it was sealed, and as it is. */
export function amendmentMessage(o: { sealed: JournalChain; amended: Uint8Array }): Uint8Array {
  return concatBytes(domain, o.sealed.digest, o.amended);
}

/** Whether a group as it is now is what the unit vouched for after an erasure. */
export function amendmentHolds(o: {
  amendment: Amendment | undefined;
  sealed: JournalChain;
  digest: Uint8Array;
  publicKey: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { amendment, sealed, digest, publicKey, crypto } = o;
  if (amendment === undefined || toHex(amendment.digest) !== toHex(digest)) return false;
  const message = amendmentMessage({ sealed, amended: digest });
  return crypto.verify({ publicKey, message, signature: amendment.seal });
}

/** The erasures of a log; undefined where the file is no such list, none where there is no file. */
export function readErasures(folder: string): Erasures | undefined {
  const path = join(folder, erasureFile);
  if (!existsSync(path)) return none;
  try {
    return parsed(JSON.parse(readFileSync(path, "utf8")));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

/** Whole or not at all, and durable. */
export function writeErasures(folder: string, { orders, amendments }: Erasures): void {
  const groups = [...amendments].map(([first, { digest, seal }]) => ({
    first,
    digest: toHex(digest),
    seal: toHex(seal),
  }));
  replaceFileSync(
    join(folder, erasureFile),
    `${JSON.stringify({ version: 1, orders, groups }, null, 1)}\n`,
  );
}

function parsed(value: unknown): Erasures | undefined {
  const { version, orders, groups } = (value ?? {}) as Record<string, unknown>;
  if (version !== 1 || !Array.isArray(orders) || !Array.isArray(groups)) return undefined;
  const amendments = new Map<number, Amendment>();
  for (const { first, digest, seal } of groups as Record<string, unknown>[]) {
    const [digestBytes, sealBytes] = [fromHex(String(digest)), fromHex(String(seal))];
    if (!Number.isSafeInteger(first) || digestBytes?.length !== 32 || sealBytes?.length !== 64) {
      return undefined;
    }
    amendments.set(first as number, { digest: digestBytes, seal: sealBytes });
  }
  return (orders as unknown[]).every(isOrder)
    ? { orders: orders as ErasureOrder[], amendments }
    : undefined;
}

function isOrder(value: unknown): boolean {
  const { by, reason, ordered_ms, indexes } = (value ?? {}) as Record<string, unknown>;
  const isNamed = typeof by === "string" && typeof reason === "string";
  return (
    isNamed &&
    Number.isSafeInteger(ordered_ms) &&
    Array.isArray(indexes) &&
    indexes.every(Number.isSafeInteger)
  );
}
