import { randomInt } from "node:crypto";
import type { Server } from "node:net";
import { holdPort } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { portList, portsAbove, portsTaken, unitsMax } from "./site-ports.ts";

const span = 100;
/** Below the ports that the system gives to outgoing connections, which could take one between two starts. */
const range = { from: 10_000, to: 26_000 };
/** In no site's list: who holds it has the whole block, also before its processes listen. */
const guardOffset = 9;

/** A block of ports in which a site has room. */
export interface PortBlock {
  readonly base: number;
  /** From here on another may take it. */
  release(): void;
}

/** A block with all of a site's ports free, kept from every other site that looks for one. */
export async function takePortBlock(): Promise<PortBlock> {
  for (let tried = 0; tried < 100; tried++) {
    const base = range.from + span * randomInt((range.to - range.from) / span);
    const guard = await holdPort(base + guardOffset);
    if (guard === undefined) continue;
    const taken = await portsTaken(portList(portsAbove(base, unitsMax)));
    if (taken.length === 0) return { base, release: () => letGo(guard) };
    letGo(guard);
  }
  throw complaint({
    code: "NO_FREE_PORTS",
    what: `a hundred blocks of ports between ${range.from} and ${range.to} were looked at, none is free`,
    remedy: "choose one with --port",
  });
}

/** For what starts a site at a place of its own, more than once. */
export async function freeBasePort(): Promise<number> {
  const { base, release } = await takePortBlock();
  release();
  return base;
}

function letGo(guard: Server): void {
  guard.close();
}
