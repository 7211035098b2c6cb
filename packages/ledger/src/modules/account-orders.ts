import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import type { AccountKey } from "./account-money.ts";

export const accountAction = {
  nameAuthority: 1,
  credit: 2,
  debit: 3,
  transfer: 4,
  open: 5,
  deposit: 6,
  withdraw: 7,
  suspend: 8,
  restore: 9,
  adjust: 10,
} as const;

/** An amount in the smallest unit, 1 to 2^53 − 1, and the account that it goes to or comes from. */
export interface AccountOrder {
  readonly account: AccountKey;
  readonly amount: number;
}

/** Money that came from outside, under the id that it had there. */
export interface DepositOrder extends AccountOrder {
  /** 32 bytes; credited once. */
  readonly depositId: Uint8Array;
}

/**
 * Where withdrawn money goes: paid out by the desk, by whom it chooses to an address on an Ethereum chain, or
 * by one SettlementVault against a proof (docs/specs/evm.md), which pays what names it and nothing else.
 */
export type WithdrawalGoal =
  | { readonly kind: "desk" }
  | { readonly kind: "ethereum"; readonly address: Uint8Array }
  | { readonly kind: "vault"; readonly vault: Uint8Array; readonly address: Uint8Array };

/** Money of the sender that leaves the chain. */
export interface WithdrawalOrder {
  readonly amount: number;
  readonly goal: WithdrawalGoal;
}

/** Whom the authority suspends or restores, and the hash of why. */
export interface SuspensionOrder {
  readonly key: Uint8Array;
  readonly reasonHash: Uint8Array;
}

/** A correction by the authority, between an account and the platform's pot. */
export interface AdjustmentOrder extends AccountOrder {
  /** Of the account. */
  readonly sign: "plus" | "minus";
  readonly reasonHash: Uint8Array;
}

const version = 1;
const kindOfLength: Readonly<Record<number, number>> = { 32: 1, 20: 2 };

/** u8 kind (1 Ed25519, 2 Ethereum address) · raw32 or raw20. */
export function writeAccount(writer: ByteWriter, account: AccountKey): ByteWriter {
  return writer.u8(kindOfLength[account.length] ?? 0).raw(account);
}

export function readAccount(reader: ByteReader): AccountKey {
  const kind = reader.u8();
  if (kind !== 1 && kind !== 2) reader.fail(`account of kind ${kind}`);
  return reader.raw(kind === 1 ? 32 : 20);
}

/** At least 1: an order of nothing is none. */
function readAmount(reader: ByteReader): number {
  const amount = reader.u64();
  return amount === 0 ? reader.fail("an amount of nothing") : amount;
}

function decoded<T>(
  bytes: Uint8Array,
  read: (reader: ByteReader) => T,
): Outcome<T, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) reader.fail("unknown version of an order");
    return read(reader);
  });
}

/** u8 version · account · u64 amount: credit, debit and transfer. */
export function encodeAccountOrder({ account, amount }: AccountOrder): Uint8Array {
  return writeAccount(new ByteWriter().u8(version), account).u64(amount).finish();
}

export function decodeAccountOrder(bytes: Uint8Array): Outcome<AccountOrder, MalformedProblem> {
  return decoded(bytes, readAccountOrder);
}

function readAccountOrder(reader: ByteReader): AccountOrder {
  return { account: readAccount(reader), amount: readAmount(reader) };
}

/** u8 version · account · u64 amount · raw32 depositId. */
export function encodeDeposit({ account, amount, depositId }: DepositOrder): Uint8Array {
  return writeAccount(new ByteWriter().u8(version), account).u64(amount).raw(depositId).finish();
}

export function decodeDeposit(bytes: Uint8Array): Outcome<DepositOrder, MalformedProblem> {
  return decoded(bytes, (reader) => ({
    ...readAccountOrder(reader),
    depositId: reader.raw(32),
  }));
}

/** u8 1 desk; or u8 2 Ethereum address · raw20; or u8 3 vault · raw32 vault id · raw20 address. */
export function writeGoal(writer: ByteWriter, goal: WithdrawalGoal): ByteWriter {
  switch (goal.kind) {
    case "desk":
      return writer.u8(1);
    case "ethereum":
      return writer.u8(2).raw(goal.address);
    case "vault":
      return writer.u8(3).raw(goal.vault).raw(goal.address);
  }
}

export function readGoal(reader: ByteReader): WithdrawalGoal {
  const kind = reader.u8();
  switch (kind) {
    case 1:
      return { kind: "desk" };
    case 2:
      return { kind: "ethereum", address: reader.raw(20) };
    case 3:
      return { kind: "vault", vault: reader.raw(32), address: reader.raw(20) };
    default:
      return reader.fail(`goal of kind ${kind}`);
  }
}

/** u8 version · u64 amount · goal. */
export function encodeWithdrawalOrder({ amount, goal }: WithdrawalOrder): Uint8Array {
  return writeGoal(new ByteWriter().u8(version).u64(amount), goal).finish();
}

export function decodeWithdrawalOrder(
  bytes: Uint8Array,
): Outcome<WithdrawalOrder, MalformedProblem> {
  return decoded(bytes, (reader) => ({ amount: readAmount(reader), goal: readGoal(reader) }));
}

/** u8 version · raw32 key · raw32 reason hash: suspend and restore. */
export function encodeSuspension({ key, reasonHash }: SuspensionOrder): Uint8Array {
  return new ByteWriter().u8(version).raw(key).raw(reasonHash).finish();
}

export function decodeSuspension(bytes: Uint8Array): Outcome<SuspensionOrder, MalformedProblem> {
  return decoded(bytes, (reader) => ({ key: reader.raw(32), reasonHash: reader.raw(32) }));
}

/** u8 version · account · u8 sign (1 plus, 2 minus) · u64 amount · raw32 reason hash. */
export function encodeAdjustment(order: AdjustmentOrder): Uint8Array {
  const { account, sign, amount, reasonHash } = order;
  const writer = writeAccount(new ByteWriter().u8(version), account);
  return writer
    .u8(sign === "plus" ? 1 : 2)
    .u64(amount)
    .raw(reasonHash)
    .finish();
}

export function decodeAdjustment(bytes: Uint8Array): Outcome<AdjustmentOrder, MalformedProblem> {
  return decoded(bytes, (reader) => {
    const account = readAccount(reader);
    const sign = reader.u8();
    if (sign !== 1 && sign !== 2) reader.fail(`sign ${sign}`);
    return {
      account,
      sign: sign === 1 ? "plus" : "minus",
      amount: readAmount(reader),
      reasonHash: reader.raw(32),
    };
  });
}
