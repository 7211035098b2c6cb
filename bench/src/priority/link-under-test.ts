import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { CodedError, messageOf } from "@voltfog/runtime";

/** Addresses from TEST-NET-1 (RFC 5737), which nobody has. */
export const vehicleAddress = "192.0.2.1";
export const unitAddress = "192.0.2.2";
/** The vehicles' end of the link; what they send queues here. */
export const vehicleDevice = "veth-vehicle";
const unitDevice = "veth-unit";
/** With its Ethernet header, a packet of 1,500 bytes; larger ones would count as one in the queue. */
const packetMax_bytes = 1514;
const prefix = "voltfog-bench-";

/** Two network namespaces of this bench's own, and a pair of virtual devices between them. */
export class LinkUnderTest {
  readonly vehicles: string;
  readonly unit: string;

  private constructor(name: string) {
    this.vehicles = `${name}-v`;
    this.unit = `${name}-u`;
  }

  /** NOT_PERMITTED where the machine lets nobody make namespaces. */
  static open(): LinkUnderTest {
    const link = new LinkUnderTest(`${prefix}${process.pid}`);
    process.once("exit", () => link.close());
    try {
      removeLeft();
      for (const netns of [link.vehicles, link.unit]) ip("netns", "add", netns);
      ip(
        ...["-n", link.vehicles, "link", "add", vehicleDevice, "type", "veth"],
        ...["peer", "name", unitDevice, "netns", link.unit],
      );
      for (const [netns, device, address] of [
        [link.vehicles, vehicleDevice, vehicleAddress],
        [link.unit, unitDevice, unitAddress],
      ] as const) {
        ip("-n", netns, "link", "set", "dev", device, "gso_max_segs", "1");
        ip("-n", netns, "link", "set", "dev", device, "gso_max_size", String(packetMax_bytes));
        ip("-n", netns, "address", "add", `${address}/30`, "dev", device);
        ip("-n", netns, "link", "set", "dev", device, "up");
        ip("-n", netns, "link", "set", "dev", "lo", "up");
      }
      return link;
    } catch (thrown) {
      link.close();
      throw new CodedError({
        code: "NOT_PERMITTED",
        message: `no network namespaces here: ${messageOf(thrown).split("\n").at(-1)}`,
        remedy: "run as root on Linux with iproute2",
        cause: thrown,
      });
    }
  }

  /** The namespaces take everything in them away. */
  close(): void {
    for (const netns of [this.vehicles, this.unit]) {
      try {
        ip("netns", "del", netns);
      } catch {
        // It was never made.
      }
    }
  }
}

/** The start of a command line that runs what follows inside a namespace. */
export function inside(netns: string): readonly string[] {
  return ["ip", "netns", "exec", netns];
}

/** Namespaces of benches that were killed. */
function removeLeft(): void {
  for (const name of ip("netns", "list")
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "")) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (!existsSync(`/proc/${pid}`)) ip("netns", "del", name);
  }
}

function ip(...words: string[]): string {
  const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
  return execFileSync("ip", words, { stdio, timeout: 10_000, encoding: "utf8" });
}
