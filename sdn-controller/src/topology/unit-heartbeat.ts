import { identifierPattern } from "@voltfog/runtime";

/** A unit's answer to GET /v1/heartbeat. */
export interface UnitHeartbeat {
  readonly id: string;
  /** Random per start of the unit's process. */
  readonly incarnation: string;
  /** The highest term that the unit has obeyed; 0 before the first. */
  readonly term: number;
  /** Whose term that is, and for how long the unit has not heard of it. */
  readonly leader: { readonly id: string; readonly silent_ms: number } | null;
  readonly connectedVersion: number;
  readonly stateVersion: number;
}

/** The heartbeat in a JSON answer, or undefined where it is anything else. Other fields are ignored. */
export function readHeartbeat(answer: unknown): UnitHeartbeat | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const beat = answer as { readonly [K in keyof UnitHeartbeat]?: unknown };
  const { id, incarnation, term, connectedVersion, stateVersion } = beat;
  if (typeof id !== "string" || typeof incarnation !== "string") return undefined;
  if (!/^[0-9a-f]{1,64}$/.test(incarnation)) return undefined;
  const leader = beat.leader === null ? null : readLeader(beat.leader);
  if (leader === undefined) return undefined;
  if (!isCount(term) || !isCount(connectedVersion) || !isCount(stateVersion)) return undefined;
  return { id, incarnation, term, leader, connectedVersion, stateVersion };
}

function readLeader(value: unknown): UnitHeartbeat["leader"] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { id, silent_ms } = value as { id?: unknown; silent_ms?: unknown };
  if (typeof id !== "string" || !identifierPattern.test(id)) return undefined;
  // NaN is no time either.
  return typeof silent_ms === "number" && silent_ms >= 0 ? { id, silent_ms } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
