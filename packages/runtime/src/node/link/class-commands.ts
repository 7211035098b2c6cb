/** A link and who goes first on it. Ports are those of the far side for a vehicle, of this side for a unit. */
export interface LinkClasses {
  /** Name of the network device, such as eth0. */
  readonly device: string;
  /** What the link carries; the queue is only here, where it can be sorted, if this is what it carries. */
  readonly rate_bytes: number;
  readonly side: "vehicle" | "unit";
  /** Ports by class, the first class first; what is on no list goes last. */
  readonly ports: readonly (readonly number[])[];
}

const root = 1;
/** Frames that wait in one class at most: at 10 Mbit/s a second of them. */
const waitingMax = 1000;

/** Arguments of `tc` that make the classes: htb with one leaf a class, in order, each may take all. */
export function classCommands(link: LinkClasses): readonly (readonly string[])[] {
  const { device, rate_bytes, ports } = link;
  const rate = (share: number): string =>
    `${Math.max(1000, Math.floor(8 * rate_bytes * share))}bit`;
  const last = ports.length + 1;
  const leaves = Array.from({ length: last }, (_, at) => at + 1);
  const htb = (minor: number, parent: string, more: readonly string[]): readonly string[] => [
    "class",
    "add",
    "dev",
    device,
    "parent",
    parent,
    "classid",
    `${root}:${minor}`,
    "htb",
    ...more,
  ];
  return [
    ["qdisc", "add", "dev", device, "root", "handle", `${root}:`, "htb", "default", `${last}0`],
    htb(1, `${root}:`, ["rate", rate(1), "ceil", rate(1), ...burst]),
    ...leaves.map((leaf) =>
      htb(leaf * 10, `${root}:1`, [
        // The first classes are few bytes; a small share of its own keeps each from starving.
        ...["rate", rate(leaf === last ? 0.5 : 0.4 / (last - 1)), "ceil", rate(1)],
        ...["prio", String(leaf - 1), ...burst],
      ]),
    ),
    ...leaves.map((leaf) => {
      const parent = `${root}:${leaf}0`;
      const queue = ["pfifo", "limit", String(waitingMax)];
      return ["qdisc", "add", "dev", device, "parent", parent, ...queue];
    }),
    ...ports.flatMap((list, at) => list.flatMap((port) => filters(link, port, at + 1))),
  ];
}

/** Two packets: what an urgent one has to wait for at most. */
const burst = ["burst", "3200", "cburst", "3200", "quantum", "1514"];

/** IPv4 without options, and IPv6 without extension headers: what TCP sends. */
function filters(link: LinkClasses, port: number, leaf: number): readonly (readonly string[])[] {
  const where = link.side === "vehicle" ? "dport" : "sport";
  const base = (protocol: string, prio: number): readonly string[] => [
    ...["filter", "add", "dev", link.device, "parent", `${root}:`, "protocol", protocol],
    ...["prio", String(prio), "u32"],
  ];
  const to = ["flowid", `${root}:${leaf}0`];
  const match = (ip: string): readonly string[] => ["match", ip, where, String(port), "0xffff"];
  return [
    [...base("ip", 1), "match", "ip", "protocol", "6", "0xff", ...match("ip"), ...to],
    [...base("ipv6", 2), "match", "ip6", "protocol", "6", "0xff", ...match("ip6"), ...to],
  ];
}

/** Arguments of `tc` that take all of it away again. */
export function removeCommand(device: string): readonly string[] {
  return ["qdisc", "del", "dev", device, "root"];
}
