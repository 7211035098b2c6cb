/** What /v1/control/* and the steps of an event answer; null means that the controller does not say. */

import type { Finality } from "./shapes.ts";

/** `code` and `message` say why an answer is not fresh. */
export interface Freshness {
  readonly at_ms: number;
  readonly fresh: boolean;
  readonly code: string | null;
  readonly message: string | null;
}

/** Cores and memory. */
interface Resources {
  readonly cpu: number;
  readonly memory_MB: number;
}

export interface UnitNode {
  readonly id: string;
  readonly zone: string | null;
  readonly alive: boolean;
  /** Nothing was heard of it since the controller started. */
  readonly unknown: boolean;
  readonly capacity: Resources | null;
  readonly used: Resources | null;
  readonly latency_ms: number | null;
  readonly uplinks: readonly {
    readonly url: string;
    readonly latency_ms: number | null;
    readonly chosen: boolean;
  }[];
  readonly lastSeen_ms: number | null;
  readonly connectedVehicles: number;
}

export interface UnitLink {
  readonly from: string;
  readonly to: string;
  readonly latency_ms: number | null;
  readonly at_ms: number | null;
}

export interface Topology {
  readonly answer: Freshness;
  readonly controllerId: string | null;
  readonly term: number | null;
  readonly role: "leading" | "passive" | null;
  readonly units: readonly UnitNode[];
  readonly links: readonly UnitLink[];
  readonly vehicles: readonly {
    readonly vehicleId: string;
    readonly latencies: readonly { readonly unitId: string; readonly latency_ms: number }[];
  }[];
}

export interface Considered {
  readonly unitId: string;
  readonly verdict: string;
  readonly latency_ms: number | null;
  readonly load: number | null;
  readonly score: number | null;
}

export interface Attachment {
  readonly vehicleId: string;
  readonly unitId: string;
  readonly standbyUnitId: string | null;
  readonly phase: "settled" | "preparing" | "switching";
  readonly latency_ms: number | null;
  readonly reason: string;
  readonly since_ms: number | null;
  readonly considered: readonly Considered[];
  readonly functions: readonly {
    readonly id: string;
    readonly version: string | null;
    readonly settings: Readonly<Record<string, number>>;
    readonly because: string | null;
  }[];
}

export interface Placements {
  readonly answer: Freshness;
  readonly version: number;
  readonly cost: number | null;
  readonly attachments: readonly Attachment[];
}

export interface Move {
  readonly at_ms: number | null;
  readonly vehicleId: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly trigger: string;
  readonly why: string;
}

export interface MoveHistory {
  readonly answer: Freshness;
  readonly moves: readonly Move[];
}

export interface Policies {
  readonly answer: Freshness;
  readonly limits: readonly {
    readonly vehicleId: string;
    readonly perSecond_bytes: number | null;
  }[];
  readonly quarantine: readonly {
    readonly vehicleId: string | null;
    readonly address: string | null;
    readonly since_ms: number | null;
    readonly reason: string;
  }[];
  readonly deny: readonly { readonly address: string }[];
  readonly version: number | null;
  readonly units: readonly {
    readonly unitId: string;
    readonly version: number | null;
    readonly inForce_ms: number | null;
    readonly behind: string | null;
    readonly cannot: readonly string[];
  }[];
  readonly changes: readonly {
    readonly at_ms: number | null;
    readonly who: string;
    readonly action: string;
    readonly subject: string;
    readonly why: string;
    readonly order: { readonly event: OrderEvent | null } | null;
  }[];
}

/** The event that an order became; `finality` is null until the cloud has it. */
export interface OrderEvent {
  readonly id: string;
  readonly unitId: string;
  readonly finality: Finality | null;
  readonly finalHeight: number | null;
}

export interface WhatIf {
  readonly before: { readonly cost: number | null };
  readonly after: {
    readonly cost: number | null;
    readonly moves: readonly {
      readonly vehicleId: string;
      readonly from: string | null;
      readonly to: string | null;
    }[];
    readonly unserved: readonly { readonly vehicleId: string; readonly why: string }[];
  };
  readonly units: readonly {
    readonly id: string;
    readonly before: number;
    readonly after: number;
  }[];
  readonly sentence: string;
}

export type StepName =
  | "collect"
  | "process"
  | "select"
  | "deploy"
  | "record"
  | "verify"
  | "run"
  | "adapt";

export interface Step {
  readonly step: StepName;
  readonly known: boolean;
  readonly sentence: string;
  readonly details: readonly string[];
  readonly standing: boolean;
  readonly at_ms: number | null;
  readonly clock: "vehicle" | "unit" | "controller" | "cloud" | null;
  readonly after_ms: number | null;
  readonly afterStep: StepName | null;
  readonly where: {
    readonly vehicleId: string | null;
    readonly unitId: string | null;
    readonly functionId: string | null;
    readonly functionVersion: string | null;
    readonly stream: string | null;
    readonly sequence: number | null;
    readonly commitment: string | null;
    readonly logIndex: number | null;
    readonly transaction: string | null;
    readonly resultIndex: number | null;
    readonly height: number | null;
    readonly proof: string | null;
  };
}
