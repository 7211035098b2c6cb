import {
  type ByteReader,
  ByteWriter,
  type Crypto,
  type Outcome,
  type Signer,
  type UnitId,
  unitId,
} from "@voltfog/runtime";
import {
  bytesOfLength,
  codeOf,
  requireEncodable,
  thousandths,
  wholeMilliseconds,
} from "./encodable.ts";
import { openMessage, type SignedMessageProblem, sealMessage } from "./signed-message.ts";

/** What a unit may ask of a vehicle. It asks; only the vehicle acts, and never opens a contactor for it. */
export type CommandKind = "limit-charge-current" | "limit-discharge-current" | "request-cooling";

/** The code on the wire is the place in this list, from 1. */
export const commandKinds: readonly CommandKind[] = [
  "limit-charge-current",
  "limit-discharge-current",
  "request-cooling",
];

export interface Command {
  /** 16 bytes, new for each command; the acknowledgement repeats it. */
  readonly commandId: Uint8Array;
  readonly unitId: UnitId;
  readonly kind: CommandKind;
  /** A for the limits, 0 to 1 for cooling; in steps of a thousandth. */
  readonly value: number;
  readonly issued_ms: number;
  /** The vehicle refuses it from then on. */
  readonly expires_ms: number;
}

const domain = "voltfog/command/1\n";
const commandVersion = 1;

/** NOT_ENCODABLE where a field is out of range. */
export function sealCommand(options: { command: Command; signer: Signer }): Uint8Array {
  const { command, signer } = options;
  requireEncodable(unitId(command.unitId) !== undefined, "unitId is no identifier");
  const body = new ByteWriter()
    .u8(commandVersion)
    .raw(bytesOfLength("commandId", command.commandId, 16))
    .text(command.unitId)
    .u8(codeOf(commandKinds, command.kind) + 1)
    .i32(thousandths("value", command.value))
    .u64(wholeMilliseconds("issued_ms", command.issued_ms))
    .u64(wholeMilliseconds("expires_ms", command.expires_ms))
    .finish();
  return sealMessage({ domain, body, signer });
}

/** The command that the unit's key signed. Whether it has expired, and is new, is the caller's to check. */
export function openCommand(options: {
  bytes: Uint8Array;
  publicKey: Uint8Array;
  crypto: Crypto;
}): Outcome<Command, SignedMessageProblem> {
  return openMessage({ ...options, domain, read: readCommand });
}

function readCommand(reader: ByteReader): Command {
  if (reader.u8() !== commandVersion) reader.fail("unknown version of a command");
  return {
    commandId: reader.raw(16),
    unitId: unitId(reader.text()) ?? reader.fail("the unit's id is no identifier"),
    kind: commandKinds[reader.u8() - 1] ?? reader.fail("unknown kind of command"),
    value: reader.i32() / 1000,
    issued_ms: reader.u64(),
    expires_ms: reader.u64(),
  };
}
