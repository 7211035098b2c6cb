import { toHex } from "@voltfog/runtime";

/** What a module holds for others: money that no key can spend, by the module's name for it. */
export function accountPotName(pot: string): string {
  return `account-pot/${pot}`;
}

/** The state's record of an opened account, by its key. */
export function accountHolderName(key: Uint8Array): string {
  return `account-holder/${toHex(key)}`;
}

/** Whose a handle is for ever, by the handle's hash. */
export function accountHandleName(handleHash: Uint8Array): string {
  return `account-handle/${toHex(handleHash)}`;
}

/** The state's record of a payment from outside, by its id. */
export function depositName(depositId: Uint8Array): string {
  return `deposit/${toHex(depositId)}`;
}

/** The state's record of a payment to the outside, by its number from 1. */
export function withdrawalName(number: number): string {
  return `withdrawal/${number}`;
}

/** How many withdrawals there are. */
export const withdrawalsName = "withdrawals";
