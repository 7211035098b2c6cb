import {
  type ByteReader,
  ByteWriter,
  type Crypto,
  type Outcome,
  type Signer,
  type VehicleId,
  vehicleId,
} from "@voltfog/runtime";
import {
  bytesOfLength,
  codeOf,
  requireEncodable,
  shortText,
  wholeMilliseconds,
} from "./encodable.ts";
import { openMessage, type SignedMessageProblem, sealMessage } from "./signed-message.ts";

export type CommandStatus = "applied" | "refused";

/** The code on the wire is the place in this list, from 1. */
const commandStatuses: readonly CommandStatus[] = ["applied", "refused"];

/** What became of a command. */
export interface CommandAck {
  readonly commandId: Uint8Array;
  readonly vehicleId: VehicleId;
  readonly status: CommandStatus;
  /** Why it was refused, at most 255 bytes; empty when it was applied. */
  readonly reason: string;
  readonly wall_ms: number;
}

const domain = "voltfog/command-ack/1\n";
const commandAckVersion = 1;

/** NOT_ENCODABLE where a field is out of range. */
export function sealCommandAck(options: { ack: CommandAck; signer: Signer }): Uint8Array {
  const { ack, signer } = options;
  requireEncodable(vehicleId(ack.vehicleId) !== undefined, "vehicleId is no identifier");
  const body = new ByteWriter()
    .u8(commandAckVersion)
    .raw(bytesOfLength("commandId", ack.commandId, 16))
    .text(ack.vehicleId)
    .u8(codeOf(commandStatuses, ack.status) + 1)
    .text(shortText("reason", ack.reason))
    .u64(wholeMilliseconds("wall_ms", ack.wall_ms))
    .finish();
  return sealMessage({ domain, body, signer });
}

/** The acknowledgement that the vehicle's key signed. */
export function openCommandAck(options: {
  bytes: Uint8Array;
  publicKey: Uint8Array;
  crypto: Crypto;
}): Outcome<CommandAck, SignedMessageProblem> {
  return openMessage({ ...options, domain, read: readCommandAck });
}

function readCommandAck(reader: ByteReader): CommandAck {
  if (reader.u8() !== commandAckVersion) reader.fail("unknown version of an acknowledgement");
  return {
    commandId: reader.raw(16),
    vehicleId: vehicleId(reader.text()) ?? reader.fail("the vehicle's id is no identifier"),
    status: commandStatuses[reader.u8() - 1] ?? reader.fail("unknown status"),
    reason: reader.text(),
    wall_ms: reader.u64(),
  };
}
