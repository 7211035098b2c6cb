import {
  type CellBalancing,
  type Command,
  type CommandKind,
  downTopic,
  openCommandAck,
  sealCommand,
} from "@voltfog/messages";
import {
  type Clock,
  type Crypto,
  type Logger,
  type Random,
  type Signer,
  toHex,
  type UnitId,
} from "@voltfog/runtime";
import type { SendDown } from "../answers/receipts.ts";
import type { EnrolledDevice } from "../ingest/device-directory.ts";

/** What became of a command, as far as the unit knows. */
export interface CommandStatus {
  /** Lower-case hex. */
  readonly commandId: string;
  readonly kind: CommandKind;
  readonly value: number;
  /** With "balance-cells". */
  readonly cells?: CellBalancing;
  /** Why it was asked, in words. */
  readonly because: string;
  /** "lapsed" when no answer came before it expired. */
  readonly status: "sent" | "applied" | "refused" | "lapsed";
  readonly reason: string;
  readonly issued_ms: number;
  readonly expires_ms: number;
}

export interface CommandDeskOptions {
  readonly unitId: UnitId;
  readonly signer: Signer;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly send: SendDown;
}

const life_ms = 60_000;
const keptPerVehicle = 32;
const becauseMax = 300;
/** What a vehicle refused, a function asks of it again after this time. */
const patience_ms = 600_000;

/** Signs what the unit asks of vehicles, sends it, and notes their signed answers. The vehicle decides. */
export class CommandDesk {
  readonly #options: CommandDeskOptions;
  readonly #byVehicle = new Map<string, CommandStatus[]>();

  constructor(options: CommandDeskOptions) {
    this.#options = options;
  }

  /**
   * Undefined when the vehicle is not connected to this unit or does not read commands, and, for who asks
   * patiently, while it is not long since the vehicle refused the same.
   */
  ask(request: {
    device: EnrolledDevice;
    kind: CommandKind;
    value: number;
    cells?: CellBalancing;
    because: string;
    isPatient?: boolean;
  }): CommandStatus | undefined {
    const { device, kind, value, because } = request;
    if (request.isPatient === true && this.#wasRefused(device.vehicleId, kind)) return undefined;
    const cells = request.cells === undefined ? {} : { cells: request.cells };
    const { unitId, signer, clock, random, send, logger } = this.#options;
    const issued_ms = Math.floor(clock.wall_ms());
    const expires_ms = issued_ms + life_ms;
    const commandId = random.bytes(16);
    const command: Command = { commandId, unitId, kind, value, issued_ms, expires_ms, ...cells };
    const clientId = device.vehicleId;
    const topic = downTopic(clientId, "command");
    const bytes = sealCommand({ command, signer });
    if (device.revoked || !send({ clientId, topic, bytes })) return undefined;
    const id = toHex(commandId);
    const status: CommandStatus = {
      commandId: id,
      kind,
      value,
      ...cells,
      because: because.slice(0, becauseMax),
      status: "sent",
      reason: "",
      issued_ms,
      expires_ms,
    };
    const kept = this.#byVehicle.get(clientId) ?? [];
    this.#byVehicle.set(clientId, [...kept, status].slice(-keptPerVehicle));
    logger.info("command sent", { vehicleId: clientId, commandId: id, kind, value, because });
    return status;
  }

  /** The newest of the kind was refused, not long ago. */
  #wasRefused(vehicleId: string, kind: CommandKind): boolean {
    const last = this.#byVehicle.get(vehicleId)?.findLast((command) => command.kind === kind);
    if (last?.status !== "refused") return false;
    const since_ms = this.#options.clock.wall_ms() - last.issued_ms;
    return since_ms >= 0 && since_ms < patience_ms;
  }

  /** Takes a vehicle's answer; false when it is not one of this vehicle to a command of this unit. */
  answer(message: { device: EnrolledDevice; bytes: Uint8Array }): boolean {
    const { device, bytes } = message;
    const { crypto } = this.#options;
    const opened = openCommandAck({ bytes, publicKey: device.publicKey, crypto });
    if (!opened.ok || opened.value.vehicleId !== device.vehicleId) return false;
    const { status, reason } = opened.value;
    const id = toHex(opened.value.commandId);
    const kept = this.#byVehicle.get(device.vehicleId) ?? [];
    const place = kept.findIndex(({ commandId }) => commandId === id);
    const known = kept[place];
    if (known === undefined) return false;
    kept[place] = { ...known, status, reason };
    this.#options.logger.info("command answered", {
      vehicleId: device.vehicleId,
      commandId: id,
      status,
    });
    return true;
  }

  /** The newest commands of a vehicle, oldest first. */
  statusOf(vehicleId: string): readonly CommandStatus[] {
    const now_ms = this.#options.clock.wall_ms();
    return (this.#byVehicle.get(vehicleId) ?? []).map((command) =>
      command.status === "sent" && now_ms >= command.expires_ms
        ? { ...command, status: "lapsed" }
        : command,
    );
  }
}
