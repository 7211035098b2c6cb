import { checkConnectToken, deadLetterTopic, parseTopic } from "@voltfog/messages";
import type { Clock, Crypto, UnitId, VehicleId } from "@voltfog/runtime";
import type { EnrolledDevice } from "./device-directory.ts";

/**
 * Who may connect and what they may read. A vehicle proves itself with its own key and reads its own
 * answers. Operators connect under the unit's id with a token of the unit's key, read the dead letters
 * and publish nothing.
 */
export class ClientAccess {
  readonly #unitId: UnitId;
  readonly #unitKey: Uint8Array;
  readonly #deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
  readonly #crypto: Crypto;
  readonly #clock: Clock;

  constructor(options: {
    unitId: UnitId;
    unitKey: Uint8Array;
    deviceOf: (vehicleId: string) => EnrolledDevice | undefined;
    crypto: Crypto;
    clock: Clock;
  }) {
    this.#unitId = options.unitId;
    this.#unitKey = options.unitKey;
    this.#deviceOf = options.deviceOf;
    this.#crypto = options.crypto;
    this.#clock = options.clock;
  }

  /** A revoked vehicle may connect: it is then told KEY_REVOKED instead of guessing why nobody answers. */
  mayConnect(login: { clientId: string; username: string; password: string }): boolean {
    const { clientId, username, password } = login;
    if (username !== clientId) return false;
    const isOperator = clientId === this.#unitId;
    const publicKey = isOperator ? this.#unitKey : this.#deviceOf(clientId)?.publicKey;
    if (publicKey === undefined) return false;
    return checkConnectToken({
      token: password,
      unitId: this.#unitId,
      vehicleId: clientId as VehicleId,
      publicKey,
      now_ms: this.#clock.wall_ms(),
      crypto: this.#crypto,
    });
  }

  /** Exact topics only: a filter with a wildcard names none. */
  mayRead(clientId: string, topic: string): boolean {
    if (clientId === this.#unitId) return topic === deadLetterTopic(this.#unitId);
    const parsed = parseTopic(topic);
    return parsed?.direction === "down" && parsed.vehicleId === clientId;
  }
}
