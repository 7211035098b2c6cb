import {
  accepted,
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  type Outcome,
  type Problem,
  RecentMap,
  refused,
  toHex,
} from "@voltfog/runtime";
import type { Genesis } from "../genesis/genesis.ts";
import { unlessSuspended } from "../modules/account-holders.ts";
import { accountsModule } from "../modules/accounts.ts";
import { beansModule } from "../modules/beans.ts";
import { checkpointsModule } from "../modules/checkpoints.ts";
import { consortiumModule } from "../modules/consortium.ts";
import { keyIdOf } from "../modules/device-record.ts";
import { devicesModule, ownDevicesModule, readDeviceRecord } from "../modules/devices.ts";
import { eventsModule } from "../modules/events.ts";
import {
  type LedgerModule,
  moduleNumber,
  type PreparedAction,
  type Sender,
} from "../modules/module.ts";
import { pilesModule } from "../modules/piles/piles.ts";
import { sessionsModule } from "../modules/sessions.ts";
import { unionModule } from "../modules/union.ts";
import { v2vModule } from "../modules/v2v.ts";
import { validatorsModule } from "../modules/validators.ts";
import { deviceName, nonceName } from "../state/names.ts";
import { stateKey } from "../state/state-hash.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { Electorate } from "./electorate.ts";
import {
  decodeTransaction,
  type Transaction,
  transactionHash,
  verifyTransaction,
} from "./transaction.ts";

/** Why a transaction can be in no block now. */
export interface TxProblem extends Problem {
  readonly code:
    | "TX_MALFORMED"
    | "TX_OTHER_CHAIN"
    | "TX_MODULE_UNKNOWN"
    | "TX_PAYLOAD_MALFORMED"
    | "TX_NOT_NOW"
    | "TX_SENDER_UNKNOWN"
    | "TX_NONCE_STALE"
    | "TX_SIGNATURE_INVALID";
  readonly detail: string;
}

/** A transaction whose form is right for this chain; who sent it is not yet asked. */
export interface PreparedTx {
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  /** The hash in hex. */
  readonly name: string;
  readonly transaction: Transaction;
  readonly run: PreparedAction;
}

/** Every version of each module's rules, the first one first. Blocks need all that ever held. */
const modules: ReadonlyMap<number, readonly LedgerModule[]> = new Map(
  [
    [checkpointsModule],
    [eventsModule],
    [devicesModule, ownDevicesModule],
    [validatorsModule],
    [consortiumModule],
    [accountsModule],
    [pilesModule],
    [unionModule],
    [sessionsModule],
    [beansModule],
    [v2vModule],
  ].map((versions) => [versions[0]?.number ?? 0, versions]),
);

/** Those that hold in the next block. */
function rulesOf(module: number, electorate: Electorate): LedgerModule | undefined {
  return modules.get(module)?.[electorate.versionOf(module) - 1];
}

/** A module whose rules of the next block this software does not have; undefined where it has all. */
export function unknownRules(electorate: Electorate): LedgerModule | undefined {
  for (const [number, versions] of modules) {
    if (electorate.versionOf(number) > versions.length) return versions[0];
  }
  return undefined;
}

/** Signatures that were found good are remembered this long, so that a block need not check them again. */
const verifiedMax = 65_536;

/** Transactions that are kept as they were read, and how long such a one may be: some ten megabytes at most. */
const readMax = 8192;
const readMax_bytes = 1024;

/** Senders whose places in the state are remembered, since few keys send nearly everything. */
const sendersMax = 8192;

/** What of a sender never changes. */
interface SenderPlaces {
  readonly nonceKey: Uint8Array;
  readonly deviceKey: Uint8Array;
}

/** A transaction and the rules that it was read by. */
interface ReadTx {
  readonly prepared: PreparedTx;
  readonly rules: LedgerModule | undefined;
}

/** Decides whether a transaction may be included: its form, chain, sender, nonce and signature. */
export class TransactionGate {
  readonly #genesis: Genesis;
  readonly #crypto: Crypto;
  readonly #verified = new RecentMap<string, true>({ limit: verifiedMax });
  /** By hash: one that was admitted is read no more when a block is built of it, or brings it. */
  readonly #read = new RecentMap<string, ReadTx>({ limit: readMax });
  readonly #senders = new RecentMap<string, SenderPlaces>({ limit: sendersMax });

  constructor(options: { genesis: Genesis; crypto: Crypto }) {
    this.#genesis = options.genesis;
    this.#crypto = options.crypto;
  }

  /** What depends on no more of the state than the version of each module's rules. */
  prepare(bytes: Uint8Array, electorate: Electorate): Outcome<PreparedTx, TxProblem> {
    const hash = transactionHash(bytes, this.#crypto);
    const name = toHex(hash);
    const known = this.#read.get(name);
    if (known !== undefined) {
      const { module } = known.prepared.transaction;
      if (rulesOf(module, electorate) === known.rules) {
        return accepted({ ...known.prepared, bytes });
      }
    }
    const read = this.#readNew({ bytes, hash, name }, electorate);
    if (read.ok && bytes.length <= readMax_bytes) {
      const rules = rulesOf(read.value.transaction.module, electorate);
      this.#read.set(name, { prepared: read.value, rules });
    }
    return read;
  }

  #readNew(
    { bytes, hash, name }: Pick<PreparedTx, "bytes" | "hash" | "name">,
    electorate: Electorate,
  ): Outcome<PreparedTx, TxProblem> {
    const decoded = decodeTransaction(bytes);
    if (!decoded.ok) return refused({ code: "TX_MALFORMED", detail: decoded.problem.detail });
    const transaction = decoded.value;
    if (!equalBytes(transaction.chainId, this.#genesis.chainId)) {
      const detail = `for chain ${toHex(transaction.chainId)}`;
      return refused({ code: "TX_OTHER_CHAIN", detail });
    }
    const { module, action, payload } = transaction;
    const prepared = rulesOf(module, electorate)?.prepare(action, payload);
    if (prepared === undefined) {
      const detail = `no action ${action} of module ${module}`;
      return refused({ code: "TX_MODULE_UNKNOWN", detail });
    }
    if (!prepared.ok) {
      return refused({ code: "TX_PAYLOAD_MALFORMED", detail: prepared.problem.detail });
    }
    const run = unlessSuspended({ module, action, run: prepared.value });
    return accepted({ bytes, hash, name, transaction, run });
  }

  /** What depends on the state, then the signature, which costs the most. */
  admit(options: {
    prepared: PreparedTx;
    state: StateTree;
    time_ms: number;
    /** Whose next block the transaction would be in. */
    electorate: Electorate;
  }): Outcome<Sender, TxProblem> {
    const { prepared, state, electorate } = options;
    const { module, nonce, sender: key } = prepared.transaction;
    if (module === moduleNumber.validators && electorate.isNextToName) {
      const detail =
        "the next header names the set that was voted for; it can be in the block after";
      return refused({ code: "TX_NOT_NOW", detail });
    }
    const sender = this.#sender(key, options) ?? this.#admitted(key, options);
    if (sender === undefined) {
      const detail = `${toHex(key)} may send nothing of module ${module} now`;
      return refused({ code: "TX_SENDER_UNKNOWN", detail });
    }
    const last = readNonce(state.getKey(sender.nonceKey));
    if (nonce <= last) {
      return refused({ code: "TX_NONCE_STALE", detail: `nonce ${nonce}, the last was ${last}` });
    }
    if (!this.#isSigned(prepared)) {
      return refused({ code: "TX_SIGNATURE_INVALID", detail: "not signed by its sender" });
    }
    return accepted(sender);
  }

  #sender(
    key: Uint8Array,
    now: { readonly state: StateTree; readonly time_ms: number; readonly electorate: Electorate },
  ): Sender | undefined {
    const { state, time_ms, electorate } = now;
    const { nonceKey, deviceKey } = this.#places(key);
    const validator = electorate.next.find(({ voteKey }) => equalBytes(voteKey, key));
    const record = readDeviceRecord(state.getKey(deviceKey));
    const holds =
      record?.kind === "unit" &&
      equalBytes(record.key, key) &&
      record.revokedHeight === undefined &&
      !electorate.hasLeft(record.organisation) &&
      record.validFrom_ms <= time_ms &&
      time_ms <= record.validTo_ms;
    const unit = holds ? record : undefined;
    if (unit === undefined && validator === undefined) return undefined;
    return { key, nonceKey, unit, validator };
  }

  /** Who is neither validator nor unit sends what a module lets it, and nothing else. */
  #admitted(
    key: Uint8Array,
    asked: {
      readonly prepared: PreparedTx;
      readonly state: StateTree;
      readonly electorate: Electorate;
    },
  ): Sender | undefined {
    const { prepared, state, electorate } = asked;
    const rules = rulesOf(prepared.transaction.module, electorate);
    if (rules?.admits?.(state, key) !== true) return undefined;
    const { nonceKey } = this.#places(key);
    return { key, nonceKey, unit: undefined, validator: undefined };
  }

  #places(key: Uint8Array): SenderPlaces {
    const id = toHex(key);
    const known = this.#senders.get(id);
    if (known !== undefined) return known;
    const crypto = this.#crypto;
    const places = {
      nonceKey: stateKey(nonceName(key), crypto),
      deviceKey: stateKey(deviceName(keyIdOf(key, crypto)), crypto),
    };
    this.#senders.set(id, places);
    return places;
  }

  #isSigned({ bytes, name, transaction }: PreparedTx): boolean {
    if (this.#verified.get(name) === true) return true;
    if (!verifyTransaction({ bytes, transaction, crypto: this.#crypto })) return false;
    this.#verified.set(name, true);
    return true;
  }
}

/** A sender's last nonce; 0 before its first transaction. */
export function readNonce(value: Uint8Array | undefined): number {
  if (value === undefined) return 0;
  const decoded = decodeBytes(value, (reader) => reader.u64());
  return decoded.ok ? decoded.value : 0;
}

export function encodeNonce(nonce: number): Uint8Array {
  return new ByteWriter().u64(nonce).finish();
}
