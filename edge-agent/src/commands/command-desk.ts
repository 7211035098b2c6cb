import {
  type BatterySample,
  balancedCellsMax,
  type Command,
  openCommand,
  sealCommandAck,
} from "@voltfog/messages";
import {
  type Clock,
  type Crypto,
  type Logger,
  type Signer,
  toHex,
  type UnitId,
  type VehicleId,
} from "@voltfog/runtime";
import type { PackAbilities, PackLimits } from "../sampling/battery-source.ts";
import type { UnitKeys } from "../uplink/unit-keys.ts";
import { unreadiness } from "./pack-readiness.ts";

/** A broker may deliver a command twice; so many answers are kept to give the same one again. */
const answersMax = 256;
const currentMax_A = 5000;
const valueMax: Readonly<Record<Command["kind"], number>> = {
  "limit-charge-current": currentMax_A,
  "limit-discharge-current": currentMax_A,
  "request-cooling": 1,
  "request-heating": 1,
  "balance-cells": balancedCellsMax,
};

export interface CommandDeskOptions {
  readonly vehicleId: VehicleId;
  readonly signer: Signer;
  readonly keys: UnitKeys;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly abilities: PackAbilities;
  /** The newest reading of the pack. */
  readonly latest: () => BatterySample | undefined;
}

interface Answer {
  readonly ack: Uint8Array;
  readonly reason: string;
}

/**
 * Decides about what a unit asks. A command counts when the key of the unit that the vehicle is attached
 * to signed it, it has not expired and its value makes sense. A limit holds until the command expires:
 * a unit that goes away cannot leave the vehicle limited for good. Of several, the strictest holds.
 */
export class CommandDesk {
  readonly #options: CommandDeskOptions;
  readonly #answers = new Map<string, Answer>();
  #standing: Command[] = [];

  constructor(options: CommandDeskOptions) {
    this.#options = options;
  }

  /** The signed acknowledgement, or undefined for bytes that are no command at all. */
  receive(bytes: Uint8Array, from: UnitId): Uint8Array | undefined {
    // version u8, then the command's id: enough to answer even what cannot be accepted.
    if (bytes.length < 17) return undefined;
    const id = toHex(bytes.subarray(1, 17));
    const opened = this.#open(bytes, from);
    const known = this.#answers.get(id);
    if (known !== undefined && known.reason === "") return known.ack;
    const reason = typeof opened === "string" ? opened : this.#judge(opened, from);
    if (reason === "" && typeof opened !== "string") this.#standing.push(opened);
    return this.#answer(id, bytes.slice(1, 17), reason);
  }

  /** What the commands that have not expired allow. */
  limits(): PackLimits {
    const now_ms = this.#options.clock.wall_ms();
    this.#standing = this.#standing.filter(({ expires_ms }) => expires_ms > now_ms);
    const least = (kind: Command["kind"]): number =>
      this.#standing
        .filter((command) => command.kind === kind)
        .reduce((strictest, { value }) => Math.min(strictest, value), Number.POSITIVE_INFINITY);
    const most = (kind: Command["kind"]): number =>
      this.#standing
        .filter((command) => command.kind === kind)
        .reduce((strongest, { value }) => Math.max(strongest, value), 0);
    // Cells are named anew with each command, so the last word counts.
    const balancing = this.#standing.findLast(({ kind }) => kind === "balance-cells");
    return {
      chargeMax_A: least("limit-charge-current"),
      dischargeMax_A: least("limit-discharge-current"),
      cooling: most("request-cooling"),
      heating: most("request-heating"),
      bleed: balancing?.cells?.bleed ?? [],
    };
  }

  #open(bytes: Uint8Array, from: UnitId): Command | string {
    const publicKey = this.#options.keys.keyOf(from);
    if (publicKey === undefined) return "the unit is not in the genesis file";
    const opened = openCommand({ bytes, publicKey, crypto: this.#options.crypto });
    return opened.ok ? opened.value : `${opened.problem.code}: ${opened.problem.detail}`;
  }

  /** Empty when the command may be applied. */
  #judge(command: Command, from: UnitId): string {
    if (command.unitId !== from) return "the command is another unit's";
    if (command.expires_ms <= this.#options.clock.wall_ms()) return "expired";
    const max = valueMax[command.kind];
    if (command.value < 0 || command.value > max) return `value must be from 0 to ${max}`;
    if (this.#standing.length >= answersMax) return "too many commands stand";
    const { abilities, latest } = this.#options;
    return unreadiness(command, { abilities, latest: latest() });
  }

  #answer(id: string, commandId: Uint8Array, reason: string): Uint8Array {
    const { vehicleId, signer, clock, logger } = this.#options;
    const status = reason === "" ? "applied" : "refused";
    const ack = sealCommandAck({
      ack: { commandId, vehicleId, status, reason: reason.slice(0, 200), wall_ms: clock.wall_ms() },
      signer,
    });
    logger.info("command answered", { vehicleId, commandId: id, status, reason });
    this.#answers.set(id, { ack, reason });
    if (this.#answers.size > answersMax) {
      for (const oldest of this.#answers.keys()) {
        this.#answers.delete(oldest);
        break;
      }
    }
    return ack;
  }
}
