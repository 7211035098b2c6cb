import { deadLetterTopic, parseTopic, urgentClientSuffix } from "@voltfog/messages";
import { equalBytes, type UnitId } from "@voltfog/runtime";
import type { PeerIdentity } from "@voltfog/runtime/node";
import type { EnrolledDevice } from "./device-directory.ts";

/** Who asks to be let in: the verified certificate of the connection and the name in the CONNECT. */
export interface Login {
  readonly peer: PeerIdentity;
  readonly clientId: string;
}

/**
 * Who may connect and what they may read. A vehicle connects under the id in its certificate, and a second
 * time for its alarms. The certificate must be over the very key that is enrolled for it, and reads its own answers. Operators connect under
 * theirs, read the dead letters and publish nothing.
 */
export class ClientAccess {
  readonly #unitId: UnitId;
  readonly #deviceOf: (vehicleId: string) => EnrolledDevice | undefined;

  constructor(options: {
    unitId: UnitId;
    deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
  }) {
    this.#unitId = options.unitId;
    this.#deviceOf = options.deviceOf;
  }

  /** A revoked vehicle may not: its connection was cut when it was revoked, and stays so. */
  mayConnect({ peer, clientId }: Login): boolean {
    const isUrgent = peer.role === "vehicle" && clientId === `${peer.id}${urgentClientSuffix}`;
    if (clientId !== peer.id && !isUrgent) return false;
    if (peer.role === "operator") return this.#deviceOf(peer.id) === undefined;
    const enrolled = peer.role === "vehicle" ? this.#deviceOf(peer.id) : undefined;
    return (
      enrolled !== undefined &&
      !enrolled.revoked &&
      peer.ed25519 !== undefined &&
      equalBytes(peer.ed25519, enrolled.publicKey)
    );
  }

  /** Exact topics only: a filter with a wildcard names none. */
  mayRead(peer: PeerIdentity, topic: string): boolean {
    if (peer.role === "operator") return topic === deadLetterTopic(this.#unitId);
    const parsed = parseTopic(topic);
    return parsed?.direction === "down" && parsed.vehicleId === peer.id;
  }
}
