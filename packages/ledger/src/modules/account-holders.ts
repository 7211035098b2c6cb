import {
  ByteWriter,
  type Crypto,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
  type Signer,
  utf8,
} from "@voltfog/runtime";
import { accountHandleName, accountHolderName } from "../state/money-names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { isAuthority } from "./account-authority.ts";
import { accountAction, type SuspensionOrder } from "./account-orders.ts";
import { hasRole } from "./key-roles.ts";
import { moduleNumber, type PreparedAction, type TransactionContext } from "./module.ts";

/** A pseudonym that a person is found by; only its hash is on the chain. */
export const handlePattern: RegExp = /^[a-z0-9-]{3,32}$/;

/** An account that somebody asks for, with the key's own word. */
export interface AccountOpening {
  readonly key: Uint8Array;
  readonly handleHash: Uint8Array;
  /** 64 bytes; see {@link signOpening}. */
  readonly possession: Uint8Array;
}

/** An opened account. */
export interface AccountHolder {
  readonly handleHash: Uint8Array;
  readonly openedHeight: number;
  /** undefined while it is not suspended. */
  readonly suspended: { readonly height: number; readonly reasonHash: Uint8Array } | undefined;
}

const version = 1;
const handleDomain = utf8("voltfog/handle/1\n");
const openingDomain = utf8("voltfog/account/1\n");

/** What the chain knows a handle by; the handle has the form of {@link handlePattern}. */
export function handleHashOf(handle: string, crypto: Crypto): Uint8Array {
  return crypto.sha256(handleDomain, utf8(handle));
}

function openingMessage(chainId: Uint8Array, handleHash: Uint8Array): Uint8Array {
  return new ByteWriter().raw(openingDomain).raw(chainId).raw(handleHash).finish();
}

/** The opening with its proof that the key's holder asks for this handle on this chain. */
export function signOpening(options: {
  chainId: Uint8Array;
  handleHash: Uint8Array;
  signer: Signer;
}): AccountOpening {
  const { chainId, handleHash, signer } = options;
  const possession = signer.sign(openingMessage(chainId, handleHash));
  return { key: signer.publicKey, handleHash, possession };
}

/** Costs one verification. */
export function verifyOpening(options: {
  opening: AccountOpening;
  chainId: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { key: publicKey, handleHash, possession: signature } = options.opening;
  const message = openingMessage(options.chainId, handleHash);
  return options.crypto.verify({ publicKey, message, signature });
}

/** u8 version · raw32 key · raw32 handle hash · raw64 possession. */
export function encodeOpening({ key, handleHash, possession }: AccountOpening): Uint8Array {
  return new ByteWriter().u8(version).raw(key).raw(handleHash).raw(possession).finish();
}

export function decodeOpening(bytes: Uint8Array): Outcome<AccountOpening, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) reader.fail("unknown version of an opening");
    return { key: reader.raw(32), handleHash: reader.raw(32), possession: reader.raw(64) };
  });
}

/** u8 1 · raw32 handle hash · u64 openedHeight · u64 suspendedHeight (0 while it is not) · raw32 reason. */
export function encodeHolder({ handleHash, openedHeight, suspended }: AccountHolder): Uint8Array {
  const writer = new ByteWriter().u8(version).raw(handleHash).u64(openedHeight);
  const { height, reasonHash } = suspended ?? { height: 0, reasonHash: new Uint8Array(32) };
  return writer.u64(height).raw(reasonHash).finish();
}

export function decodeHolder(bytes: Uint8Array): Outcome<AccountHolder, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) reader.fail("unknown version of a holder");
    const holder = { handleHash: reader.raw(32), openedHeight: reader.u64() };
    const height = reader.u64();
    const reasonHash = reader.raw(32);
    if (height > 0) return { ...holder, suspended: { height, reasonHash } };
    if (reasonHash.some((byte) => byte !== 0)) reader.fail("a reason without a suspension");
    return { ...holder, suspended: undefined };
  });
}

/** undefined for a key that opened no account. */
export function holderOf(state: StateTree, key: Uint8Array): AccountHolder | undefined {
  const value = state.get(accountHolderName(key));
  const decoded = value && decodeHolder(value);
  return decoded?.ok ? decoded.value : undefined;
}

/** Whether a key opened an account, suspended or not. One look at the state. */
export function isOpened(state: StateTree, key: Uint8Array): boolean {
  return state.get(accountHolderName(key)) !== undefined;
}

/** Whether the authority suspended an account. */
export function isSuspended(state: StateTree, key: Uint8Array): boolean {
  return holderOf(state, key)?.suspended !== undefined;
}

/** Whose handle it is. */
export function keyOfHandle(state: StateTree, handleHash: Uint8Array): Uint8Array | undefined {
  return state.get(accountHandleName(handleHash));
}

/** A member of the consortium, or the authority, vouches for its customer; the key shows that it agrees. */
export function open(
  state: StateTree,
  context: TransactionContext,
  opening: AccountOpening,
): StateTree | string {
  const { genesis, crypto, height, sender } = context;
  const { key, handleHash } = opening;
  const isMember = sender.validator !== undefined && !sender.validator.quarantined;
  if (!(isMember || isAuthority(state, sender.key))) return "NOT_AUTHORISED";
  if (hasRole({ state, genesis, key, crypto })) return "KEY_TAKEN";
  if (keyOfHandle(state, handleHash) !== undefined) return "HANDLE_TAKEN";
  if (!verifyOpening({ opening, chainId: genesis.chainId, crypto })) {
    return "PROOF_OF_POSSESSION_INVALID";
  }
  const holder = { handleHash, openedHeight: height, suspended: undefined };
  return state
    .with(accountHolderName(key), encodeHolder(holder))
    .with(accountHandleName(handleHash), key);
}

/** The authority's own account cannot be suspended: nobody could restore it. */
export function suspend(
  state: StateTree,
  { sender, height }: TransactionContext,
  { key, reasonHash }: SuspensionOrder,
): StateTree | string {
  if (!isAuthority(state, sender.key)) return "NOT_AUTHORISED";
  const holder = holderOf(state, key);
  if (holder === undefined) return "ACCOUNT_UNKNOWN";
  if (isAuthority(state, key)) return "SAME_ACCOUNT";
  if (holder.suspended !== undefined) return "ALREADY_SUSPENDED";
  const suspended = { height, reasonHash };
  return state.with(accountHolderName(key), encodeHolder({ ...holder, suspended }));
}

export function restore(
  state: StateTree,
  { sender }: TransactionContext,
  { key }: SuspensionOrder,
): StateTree | string {
  if (!isAuthority(state, sender.key)) return "NOT_AUTHORISED";
  const holder = holderOf(state, key);
  if (holder === undefined) return "ACCOUNT_UNKNOWN";
  if (holder.suspended === undefined) return "NOT_SUSPENDED";
  return state.with(accountHolderName(key), encodeHolder({ ...holder, suspended: undefined }));
}

/**
 * The action, or SUSPENDED where its sender's account is: of the market, accounts to vehicles' trades, such
 * a key may only withdraw what is its own. The one place where a suspension is enforced.
 */
export function unlessSuspended(options: {
  module: number;
  action: number;
  run: PreparedAction;
}): PreparedAction {
  const { module, action, run } = options;
  const isMarket = module >= moduleNumber.accounts && module <= moduleNumber.v2v;
  const isWithdrawal = module === moduleNumber.accounts && action === accountAction.withdraw;
  if (!isMarket || isWithdrawal) return run;
  return (state, context) =>
    holderOf(state, context.sender.key)?.suspended === undefined
      ? run(state, context)
      : { code: "SUSPENDED" };
}
