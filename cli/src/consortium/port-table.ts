/** Where one node listens. */
export interface NodePorts {
  readonly p2p: number;
  readonly http: number;
  readonly backbone: number;
}

export function nodePorts(base: number): NodePorts {
  return { p2p: base, http: base + 1, backbone: base + 2 };
}

/** A rule for the firewall in front of a node. */
export interface PortRule {
  readonly port: string;
  readonly direction: "in" | "out";
  readonly peer: string;
  readonly what: string;
}

/** Every connection of a node, with who opens it. */
export function portRules(node: {
  ports: NodePorts;
  host: string;
  /** id@host:port of the other validators. */
  peers: readonly string[];
}): readonly PortRule[] {
  const { ports, host } = node;
  const isLocal = host === "127.0.0.1" || host === "localhost" || host === "::1";
  const reach = isLocal ? " (this machine only, as host says)" : "";
  return [
    {
      port: `TCP ${ports.p2p}`,
      direction: "in",
      peer: "validators of the consortium",
      what: `blocks and votes, mutual TLS${reach}`,
    },
    ...node.peers.map((peer) => ({
      port: `TCP ${peer.slice(peer.lastIndexOf(":") + 1)}`,
      direction: "out" as const,
      peer: peer.slice(0, peer.lastIndexOf(":")),
      what: "blocks and votes, mutual TLS",
    })),
    {
      port: `TCP ${ports.backbone}`,
      direction: "in",
      peer: "your organisation's cloud and operators",
      what: `status, blocks and proofs, mutual TLS${reach}`,
    },
    {
      port: `TCP ${ports.http}`,
      direction: "in",
      peer: "this machine alone: your unit, voltfog's commands, monitoring",
      what: "transactions, status, metrics; plain HTTP, never open it",
    },
    {
      port: "UDP 123",
      direction: "out",
      peer: "your time servers",
      what: "NTP: a clock that is more than 2 s off refuses good blocks",
    },
  ];
}

export function portTableText(rules: readonly PortRule[]): string {
  const rows = [{ port: "port", direction: "direction", peer: "who", what: "what" }, ...rules];
  const width = (of: (row: (typeof rows)[number]) => string): number =>
    Math.max(...rows.map((row) => of(row).length));
  const [ports, directions, peers] = [
    width(({ port }) => port),
    width(({ direction }) => direction),
    width(({ peer }) => peer),
  ];
  return rows
    .map(({ port, direction, peer, what }) =>
      [port.padEnd(ports), direction.padEnd(directions), peer.padEnd(peers), what].join("  "),
    )
    .join("\n");
}
