import type { Considered } from "./decision-facts.ts";

/** What made a vehicle belong elsewhere. */
export type Trigger = "dead" | "faster" | "connected" | "operator" | "new";

/** Where one vehicle belongs with its functions, since when and why. */
export interface Attachment {
  readonly vehicleId: string;
  /** Whom the vehicle is told to connect to; its functions are active there. */
  readonly unitId: string;
  /** Keeps a copy of its functions' state; null where there is no second unit. */
  readonly standbyUnitId: string | null;
  readonly latency_ms: number | null;
  readonly reason: string;
  readonly since_ms: number;
  readonly considered: readonly Considered[];
  /** A unit that has looked better, or that the vehicle has shown up at, for so many rounds. */
  readonly rival?: {
    readonly unitId: string;
    readonly cause: "faster" | "connected";
    readonly rounds: number;
  };
  /** Being prepared: this unit fetches the functions' state before the vehicle is told of it. */
  readonly next?: {
    readonly unitId: string;
    readonly why: string;
    readonly since_ms: number;
    readonly latency_ms: number | null;
    readonly considered: readonly Considered[];
  };
  /** Being switched: this unit still serves until the vehicle has come to the new one. */
  readonly from?: string;
  /** For a moment after its unit died: a unit that holds the copy of the state that the present one lacks. */
  readonly inherited?: { readonly holderId: string; readonly deadId: string };
}

export type Phase = "settled" | "preparing" | "switching";

export function phaseOf({ next, from }: Attachment): Phase {
  if (from !== undefined) return "switching";
  return next === undefined ? "settled" : "preparing";
}

/** One change of where a vehicle belongs. */
export interface Move {
  readonly vehicleId: string;
  readonly from: string | null;
  readonly to: string;
  readonly trigger: Trigger;
  readonly why: string;
}

/** Without what only the running process knows. */
export function settled(attachment: Attachment): Attachment {
  return withoutInherited(withoutFrom(withoutNext(withoutRival(attachment))));
}

export function withoutRival({ rival: _, ...rest }: Attachment): Attachment {
  return rest;
}

export function withoutNext({ next: _, ...rest }: Attachment): Attachment {
  return rest;
}

export function withoutFrom({ from: _, ...rest }: Attachment): Attachment {
  return rest;
}

export function withoutInherited({ inherited: _, ...rest }: Attachment): Attachment {
  return rest;
}

/** Vehicles per unit that it serves, or would serve on a take-over. */
export function loadsOf(attachments: Iterable<Attachment>): Map<string, number> {
  const loads = new Map<string, number>();
  for (const { unitId } of attachments) loads.set(unitId, (loads.get(unitId) ?? 0) + 1);
  return loads;
}
