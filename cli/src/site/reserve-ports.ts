import { complaint } from "../complaint.ts";
import { takePortBlock } from "./free-base-port.ts";
import { portList, portsAbove, portsTaken, type SitePorts } from "./site-ports.ts";

/** A site's ports for as long as it runs. */
export interface ReservedPorts {
  readonly ports: SitePorts;
  /** Once the site has ended. */
  release(): void;
}

/** The site's ports, all free at this moment; base 0 for any. PORT_IN_USE names those that are not free. */
export async function reservePorts(options: {
  base: number;
  units: number;
}): Promise<ReservedPorts> {
  if (options.base === 0) {
    const { base, release } = await takePortBlock();
    return { ports: portsAbove(base, options.units), release };
  }
  const ports = portsAbove(options.base, options.units);
  const taken = await portsTaken(portList(ports));
  if (taken.length === 0) return { ports, release: () => {} };
  const which = taken.length === 1 ? `port ${taken[0]} is` : `ports ${taken.join(", ")} are`;
  throw complaint({
    code: "PORT_IN_USE",
    what: `${which} taken by another process`,
    remedy: "stop it, or choose others with --port (0 takes free ones)",
  });
}
