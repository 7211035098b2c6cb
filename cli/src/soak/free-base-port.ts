import { randomInt } from "node:crypto";
import { portList, portsAbove, portsTaken, unitsMax } from "../site/site-ports.ts";

const span = 100;
/** Below the ports that the system gives to outgoing connections, which could take one between two starts. */
const range = { from: 10_000, to: 32_000 };

/** A port with all of a site's ports free above it, also after a process that had one was killed. */
export async function freeBasePort(): Promise<number> {
  for (let tried = 0; tried < 100; tried++) {
    const base = range.from + span * randomInt((range.to - range.from) / span);
    const taken = await portsTaken(portList(portsAbove(base, unitsMax)));
    if (taken.length === 0) return base;
  }
  throw new Error("no free ports in a hundred places");
}
