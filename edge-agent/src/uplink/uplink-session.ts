import type { DownTopic, UpTopic } from "@voltfog/messages";
import type { UnitId, VehicleId } from "@voltfog/runtime";
import type { TlsIdentity } from "@voltfog/runtime/node";

/** A unit's broker. */
export interface UplinkTarget {
  readonly unitId: UnitId;
  readonly host: string;
  readonly port: number;
}

/** One connection of one vehicle to one unit. */
export interface UplinkSession {
  readonly target: UplinkTarget;
  /** Least of the latest times from a publish to its acknowledgement; undefined before the first. */
  readonly roundTrip_ms: number | undefined;
  /** True once the unit has acknowledged; false when the connection ended before. Never rejects. */
  publish(topic: UpTopic, bytes: Uint8Array): Promise<boolean>;
  /** Resolves with the reason when the connection is over. */
  readonly closed: Promise<string>;
  close(): Promise<void>;
}

/** Opens a session; rejects with UNIT_UNREACHABLE or UNIT_REFUSED. */
export type OpenSession = (options: {
  target: UplinkTarget;
  vehicleId: VehicleId;
  /** The vehicle's certificate; the unit's must be for the target's id. */
  identity: TlsIdentity;
  onMessage: (topic: DownTopic, bytes: Uint8Array) => void;
}) => Promise<UplinkSession>;

export function sameTarget(a: UplinkTarget, b: UplinkTarget): boolean {
  return a.unitId === b.unitId && a.host === b.host && a.port === b.port;
}
