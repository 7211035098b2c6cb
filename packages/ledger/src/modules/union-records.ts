import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import {
  chargePointName,
  chargePointNumberName,
  operatorKeyName,
  operatorName,
  unionName,
  unionOperatorsName,
} from "../state/union-names.ts";
import { balanceOf, type Pot } from "./account-money.ts";
import {
  type ChargePointRequest,
  readChargePoint,
  readOrganisation,
  readTariff,
  readTerms,
  type Tariff,
  type UnionTerms,
  writeChargePoint,
  writeTariff,
  writeTerms,
} from "./union-payloads.ts";
import { readOptional, readVersioned, writeOptional, writeVersioned } from "./versioned.ts";

/** The union as a whole. */
export interface UnionRecord {
  /** undefined before the authority set them: nobody can join, nothing is paid. */
  readonly terms: UnionTerms | undefined;
  readonly tariff: Tariff | undefined;
  /** Final blocks whose proposer's operator was rewarded, and those for which the pool was too empty. */
  readonly paidBlocks: number;
  readonly unpaidBlocks: number;
}

/** One member of the union: it operates charge points and is paid for its validators' blocks. */
export interface OperatorRecord {
  /** It acts and is paid under this key. */
  readonly key: Uint8Array;
  /** How often it joined. */
  readonly term: number;
  readonly joinedHeight: number;
  readonly leftHeight: number | undefined;
  /** Of this term. */
  readonly deposit: number;
  readonly penalties: number;
  /** Rewards of all terms: what its beans are bounded by. */
  readonly earned: number;
  /** Charge points that it ever registered. */
  readonly chargePoints: number;
  /** Its own tariff, where the authority agreed. */
  readonly tariff: Tariff | undefined;
  readonly proposedTariff: Tariff | undefined;
}

/** A pile with a key, for as long as it is not removed. */
export interface ChargePointRecord extends Omit<ChargePointRequest, "possession" | "key"> {
  readonly organisation: string;
  readonly registeredHeight: number;
  readonly removedHeight: number | undefined;
}

export const unionPool: Pot = { pot: "union-pool" };
export const promotionPot: Pot = { pot: "promotion" };
export const operatorsMax = 1024;

/** What secures an operator's debts, and what others delegated to it. */
export function depositPot(organisation: string): Pot {
  return { pot: `union-deposit/${organisation}` };
}

export function delegatedPot(organisation: string): Pot {
  return { pot: `union-delegated/${organisation}` };
}

/** u8 1 · terms · tariff, each after u8 0 or 1 · u64 paid blocks · u64 unpaid blocks. */
export function encodeUnion({ terms, tariff, paidBlocks, unpaidBlocks }: UnionRecord): Uint8Array {
  const writer = writeVersioned();
  writeOptional(writer, terms, writeTerms);
  writeOptional(writer, tariff, writeTariff);
  return writer.u64(paidBlocks).u64(unpaidBlocks).finish();
}

export function decodeUnion(bytes: Uint8Array): Outcome<UnionRecord, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    terms: readOptional(reader, readTerms),
    tariff: readOptional(reader, readTariff),
    paidBlocks: reader.u64(),
    unpaidBlocks: reader.u64(),
  }));
}

/**
 * u8 1 · raw32 key · u32 term · u64 joinedHeight · u64 leftHeight (0: it has not) · u64 deposit ·
 * u64 penalties · u64 earned · u32 charge points · own tariff · proposed one, each after u8 0 or 1.
 */
export function encodeOperator(record: OperatorRecord): Uint8Array {
  const writer = writeVersioned()
    .raw(record.key)
    .u32(record.term)
    .u64(record.joinedHeight)
    .u64(record.leftHeight ?? 0)
    .u64(record.deposit)
    .u64(record.penalties)
    .u64(record.earned)
    .u32(record.chargePoints);
  writeOptional(writer, record.tariff, writeTariff);
  writeOptional(writer, record.proposedTariff, writeTariff);
  return writer.finish();
}

export function decodeOperator(bytes: Uint8Array): Outcome<OperatorRecord, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    key: reader.raw(32),
    term: reader.u32(),
    joinedHeight: reader.u64(),
    leftHeight: readHeight(reader),
    deposit: reader.u64(),
    penalties: reader.u64(),
    earned: reader.u64(),
    chargePoints: reader.u32(),
    tariff: readOptional(reader, readTariff),
    proposedTariff: readOptional(reader, readTariff),
  }));
}

/** u8 1 · text organisation · the point as registered · u64 registeredHeight · u64 removedHeight (0: it is not). */
export function encodeChargePoint(record: ChargePointRecord): Uint8Array {
  return writeChargePoint(writeVersioned().text(record.organisation), record)
    .u64(record.registeredHeight)
    .u64(record.removedHeight ?? 0)
    .finish();
}

export function decodeChargePoint(bytes: Uint8Array): Outcome<ChargePointRecord, MalformedProblem> {
  return readVersioned(bytes, (reader) => ({
    organisation: readOrganisation(reader),
    ...readChargePoint(reader),
    registeredHeight: reader.u64(),
    removedHeight: readHeight(reader),
  }));
}

function readHeight(reader: ByteReader): number | undefined {
  const height = reader.u64();
  return height === 0 ? undefined : height;
}

const noUnion: UnionRecord = {
  terms: undefined,
  tariff: undefined,
  paidBlocks: 0,
  unpaidBlocks: 0,
};

/** Empty before the authority said anything about it. */
export function unionOf(state: StateTree): UnionRecord {
  const value = state.get(unionName);
  const decoded = value && decodeUnion(value);
  return decoded?.ok ? decoded.value : noUnion;
}

/** A member of now or before; undefined for an organisation that never joined. */
export function operatorOf(state: StateTree, organisation: string): OperatorRecord | undefined {
  const value = state.get(operatorName(organisation));
  const decoded = value && decodeOperator(value);
  return decoded?.ok ? decoded.value : undefined;
}

/** The organisation that a key operates for or once did. */
export function organisationOfKey(state: StateTree, key: Uint8Array): string | undefined {
  const value = state.get(operatorKeyName(key));
  const decoded = value && decodeBytes(value, readOrganisation);
  return decoded?.ok ? decoded.value : undefined;
}

/** The organisation that a key operates for now; undefined for any other key and after it left. */
export function operatorByKey(
  state: StateTree,
  key: Uint8Array,
): (OperatorRecord & { readonly organisation: string }) | undefined {
  const organisation = organisationOfKey(state, key);
  const record = organisation === undefined ? undefined : operatorOf(state, organisation);
  if (organisation === undefined || record === undefined || record.leftHeight !== undefined)
    return undefined;
  return equalBytes(record.key, key) ? { ...record, organisation } : undefined;
}

/** As registered, removed or not. */
export function chargePointOf(state: StateTree, key: Uint8Array): ChargePointRecord | undefined {
  const value = state.get(chargePointName(key));
  const decoded = value && decodeChargePoint(value);
  return decoded?.ok ? decoded.value : undefined;
}

/** Keys of all charge points that an operator ever registered, in that order. One look for each. */
export function chargePointKeys(state: StateTree, organisation: string): readonly Uint8Array[] {
  const count = operatorOf(state, organisation)?.chargePoints ?? 0;
  return Array.from({ length: count }, (_, i) =>
    state.get(chargePointNumberName({ organisation, number: i + 1 })),
  ).filter((key) => key !== undefined);
}

/** Who ever joined, in that order. */
export function operatorIds(state: StateTree): readonly string[] {
  const value = state.get(unionOperatorsName);
  const decoded =
    value &&
    readVersioned(value, (reader) => reader.list({ limit: operatorsMax, read: readOrganisation }));
  return decoded?.ok ? decoded.value : [];
}

/** What charging costs at an operator's points: its own tariff where agreed, else the union's. */
export function tariffOf(state: StateTree, organisation: string): Tariff | undefined {
  return operatorOf(state, organisation)?.tariff ?? unionOf(state).tariff;
}

/** What an operator has at stake: its deposit of this term less penalties; 0 for one that left. */
export function stakeOf(state: StateTree, organisation: string): number {
  const record = operatorOf(state, organisation);
  if (record === undefined || record.leftHeight !== undefined) return 0;
  return record.deposit - record.penalties;
}

/** What accounts delegated to an organisation. */
export function delegatedTo(state: StateTree, organisation: string): number {
  return balanceOf(state, delegatedPot(organisation));
}

export function withUnion(state: StateTree, record: UnionRecord): StateTree {
  return state.with(unionName, encodeUnion(record));
}

export function withOperator(
  state: StateTree,
  organisation: string,
  record: OperatorRecord,
): StateTree {
  return state.with(operatorName(organisation), encodeOperator(record));
}

/** Notes an organisation's first term. */
export function withNewOperator(state: StateTree, organisation: string): StateTree {
  const ids = [...operatorIds(state), organisation];
  const writer = writeVersioned().u32(ids.length);
  for (const id of ids) writer.text(id);
  return state.with(unionOperatorsName, writer.finish());
}

/** text organisation: the value of an operator-key/ name. */
export function withOperatorKey(
  state: StateTree,
  key: Uint8Array,
  organisation: string,
): StateTree {
  return state.with(operatorKeyName(key), new ByteWriter().text(organisation).finish());
}
