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
export type CommandKind =
  | "limit-charge-current"
  | "limit-discharge-current"
  | "request-cooling"
  | "request-heating"
  | "balance-cells";

/** The code on the wire is the place in this list, from 1. */
export const commandKinds: readonly CommandKind[] = [
  "limit-charge-current",
  "limit-discharge-current",
  "request-cooling",
  "request-heating",
  "balance-cells",
];

/** Cells that one command may name: their indices in series, from 0. */
export const balancedCellsMax = 1024;

/** What "balance-cells" asks; cells that are not named rest. Both sorted, each cell at most once. */
export interface CellBalancing {
  /** Charge is taken from these. */
  readonly bleed: readonly number[];
  /** Packs with converters give charge to these; others refuse a command that names any. */
  readonly fill: readonly number[];
}

export interface Command {
  /** 16 bytes, new for each command; the acknowledgement repeats it. */
  readonly commandId: Uint8Array;
  readonly unitId: UnitId;
  readonly kind: CommandKind;
  /** A for the limits, 0 to 1 for cooling and heating, the number of cells named for balancing; in steps of a thousandth. */
  readonly value: number;
  /** With "balance-cells", and with no other. */
  readonly cells?: CellBalancing;
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
  const hasCells = command.cells !== undefined;
  requireEncodable(hasCells === (command.kind === "balance-cells"), "cells go with balance-cells");
  const writer = new ByteWriter()
    .u8(commandVersion)
    .raw(bytesOfLength("commandId", command.commandId, 16))
    .text(command.unitId)
    .u8(codeOf(commandKinds, command.kind) + 1)
    .i32(thousandths("value", command.value))
    .u64(wholeMilliseconds("issued_ms", command.issued_ms))
    .u64(wholeMilliseconds("expires_ms", command.expires_ms));
  if (command.cells !== undefined) {
    const { bleed, fill } = command.cells;
    requireEncodable(command.value === bleed.length + fill.length, "value counts the cells");
    requireEncodable(!bleed.some((cell) => fill.includes(cell)), "a cell is in one list");
    writer.block(cellMask(bleed)).block(cellMask(fill));
  }
  return sealMessage({ domain, body: writer.finish(), signer });
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
  const command: Command = {
    commandId: reader.raw(16),
    unitId: unitId(reader.text()) ?? reader.fail("the unit's id is no identifier"),
    kind: commandKinds[reader.u8() - 1] ?? reader.fail("unknown kind of command"),
    value: reader.i32() / 1000,
    issued_ms: reader.u64(),
    expires_ms: reader.u64(),
  };
  if (command.kind !== "balance-cells") return command;
  const cells = { bleed: readMask(reader), fill: readMask(reader) };
  const named = new Set([...cells.bleed, ...cells.fill]).size;
  if (named !== cells.bleed.length + cells.fill.length || named !== command.value) {
    reader.fail("the cells are not as many as are said");
  }
  return { ...command, cells };
}

/** Bit i of byte j stands for cell 8j + i; the last byte is not 0, so that a set has one form. */
function cellMask(cells: readonly number[]): Uint8Array {
  const mask = new Uint8Array(cells.length === 0 ? 0 : 1 + Math.floor(Math.max(...cells) / 8));
  for (const cell of cells) {
    const isCell = Number.isInteger(cell) && cell >= 0 && cell < balancedCellsMax;
    requireEncodable(isCell, "cells are whole numbers from 0");
    mask[cell >> 3] = (mask[cell >> 3] ?? 0) | (1 << (cell & 7));
  }
  return mask;
}

function readMask(reader: ByteReader): readonly number[] {
  const mask = reader.block(balancedCellsMax / 8);
  if (mask.at(-1) === 0) reader.fail("cells in more bytes than they need");
  const cells: number[] = [];
  for (const [place, byte] of mask.entries()) {
    for (let bit = 0; bit < 8; bit++) if ((byte >> bit) & 1) cells.push(8 * place + bit);
  }
  return cells;
}
