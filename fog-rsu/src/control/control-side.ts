import { availableParallelism, totalmem } from "node:os";
import type { TlsIdentity } from "@voltfog/runtime/node";
import type { RsuConfig } from "../config.ts";
import type { RsuPorts } from "../rsu-ports.ts";
import { type Capacity, capacityOf, usedBy } from "./capacity.ts";
import { Heartbeat } from "./heartbeat.ts";
import { type PeerLatency, PeerProbes, peerOpener } from "./peer-probes.ts";
import { Terms } from "./terms.ts";

/** What the status says of this unit to a controller. */
export interface ControlStatus {
  readonly zone: string;
  readonly capacity: Capacity;
  readonly used: Capacity;
  readonly term: number;
  readonly leader: { readonly id: string; readonly lastHeard_ms: number | null } | null;
  readonly peers: readonly PeerLatency[];
}

/** What a controller hears of this unit, and whom the unit obeys. */
export interface ControlSide {
  readonly terms: Terms;
  readonly heartbeat: Heartbeat;
  readonly peers: PeerProbes;
  status(): ControlStatus;
}

const bytesPerMB = 1_048_576;

/** Reads the term that was obeyed last and starts to probe the peers that assignments will name. */
export function startControlSide(options: {
  config: RsuConfig;
  ports: RsuPorts;
  tls: TlsIdentity;
  connectedVehicles: () => readonly string[];
  stateVersion: () => number;
  functions: () => Parameters<typeof usedBy>[0];
}): ControlSide {
  const { config, ports, tls, connectedVehicles, functions, stateVersion } = options;
  const { id, zone, cpu, memory_MB } = config;
  const terms = new Terms({ dataDir: config.dataDir, ...ports });
  const heartbeat = new Heartbeat({ id, terms, ...ports, connectedVehicles, stateVersion });
  const peers = new PeerProbes({ clock: ports.clock, open: peerOpener(tls) });
  const machine = { cpu: availableParallelism(), memory_MB: totalmem() / bytesPerMB };
  const capacity = capacityOf({ cpu, memory_MB }, machine, ports.logger);
  peers.start();
  return {
    ...{ terms, heartbeat, peers },
    status() {
      const { leader, term } = terms;
      return {
        ...{ zone, capacity, term, peers: peers.latencies },
        used: usedBy(functions(), connectedVehicles().length),
        leader: leader && { id: leader.id, lastHeard_ms: leader.lastHeard_ms },
      };
    },
  };
}
